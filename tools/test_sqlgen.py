#!/usr/bin/env python3
"""test_sqlgen.py - what sqlgen.py refuses and with which words, and a few texts it makes."""
import importlib.util, pathlib, tempfile, unittest

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location('sqlgen', HERE / 'sqlgen.py')
sqlgen = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sqlgen)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, text, name='x.sql'):
        path = pathlib.Path(self.folder.name, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def refuse(self, text, line, words, name='x.sql', load=None):
        with self.assertRaises(sqlgen.Wrong) as caught:
            (load or sqlgen.load_statements)(self.path(text, name))
        self.assertIn(f'{name}:{line}: ', str(caught.exception))
        self.assertIn(words, str(caught.exception))


class Statements(Case):
    def texts(self, text):
        return sqlgen.load_statements(self.path(text))[0].text

    def test_texts(self):
        t = self.texts("-- a file\n-- name: f\n-- in: a int, b text, c blob?\n-- out: n int\n-- many\n"
                       "SELECT n -- why: so\nFROM t /* :x\n */ WHERE a = :a AND b = :b\n"
                       "\tAND c = ':b' AND d = :a\n"
                       "-- @pg\nAND c = :c::bytea\n-- @sqlite\nAND c = :c\n-- @all\nAND \":q\" = X'0aFF';\n")
        self.assertEqual(t['sqlite'], "SELECT n FROM t WHERE a = ?1 AND b = ?2 AND c = ':b' AND d = ?1"
                         " AND c = ?3 AND \":q\" = X'0aFF'")
        self.assertEqual(t['pg'], "SELECT n FROM t WHERE a = $1 AND b = $2 AND c = ':b' AND d = $1"
                         " AND c = $3::bytea AND \":q\" = '\\x0aFF'::bytea")

    def test_parts(self):
        t = self.texts("-- part: ours\n-- whose\nSELECT p FROM q\n\tWHERE r = :a\n"
                       "-- part: twice\n({ours}) UNION ({ours})\n"
                       "-- name: f\n-- in: a int\n-- run\nDELETE FROM t WHERE p IN ({twice})\n\tAND s = :a;\n")
        self.assertEqual(t['pg'], 'DELETE FROM t WHERE p IN ((SELECT p FROM q WHERE r = $1) UNION '
                         '(SELECT p FROM q WHERE r = $1)) AND s = $1')
        f = '-- name: f\n-- run\nDELETE FROM t\n'
        self.refuse(f + 'WHERE {nothing};\n', 4, "no '-- part: nothing'")
        self.refuse('-- part: x\n1\n' + f + '-- part: x\n', 6, 'no name of a new part')
        self.refuse('-- part: x\n-- @pg\n', 2, 'for both engines')

    def test_refused(self):
        head = '-- name: f\n'
        run, one = head + '-- run\n', head + '-- out: n int\n-- one\n'
        for text, line, words in (
                ('SELECT 1;\n', 1, "before the first '-- name:'"),
                (head + 'DELETE FROM t;\n', 1, 'neither one, many nor run'),
                (run + '-- one\n', 3, 'is run already'),
                (run + 'DELETE FROM t;\n' + run, 4, 'the name of two statements'),
                ('-- name: F\n', 1, 'not a name'),
                (head + '-- in: n int?\n', 2, 'no value that could mean NULL'),
                (head + '-- in: b bool?\n', 2, 'no value that could mean NULL'),
                (head + '-- in: n integer\n', 2, "'integer' is not a type"),
                (head + '-- in: n\n', 2, "is not 'name type'"),
                (head + '-- in: n int, n int\n', 2, 'stands there twice'),
                (head + '-- in: for int\n', 2, 'a word of C'),
                (head + '-- in:\n', 2, 'names nothing'),
                (run + 'DELETE FROM t\nWHERE a = :a;\n', 4, "':a' is not among the ins"),
                (head + '-- in: a int\n-- run\nDELETE FROM t;\n', 1, 'never uses :a on sqlite'),
                (head + '-- in: a int\n-- run\n-- @sqlite\nDELETE FROM t WHERE a = :a;\n-- @pg\n'
                 'DELETE FROM t;\n', 1, 'never uses :a on pg'),
                (run + 'DELETE FROM t; DELETE FROM u;\n', 3, "goes on after its ';'"),
                (run + 'DELETE FROM t WHERE a = ?1;\n', 3, 'write :name'),
                (run + 'DELETE FROM t WHERE a = $1;\n', 3, 'write :name'),
                (run + "DELETE FROM t WHERE a = 'x;\n", 3, 'never closed'),
                (run + '-- @sqlite\nDELETE FROM t;\n', 1, 'no text for pg'),
                (run + '-- @mysql\n', 3, 'not @sqlite, @pg or @all'),
                (head + '-- out: n int\n-- run\nDELETE FROM t;\n', 1, 'it is one or many'),
                (head + '-- many\nSELECT 1;\n', 1, 'has no outs'),
                (one, 1, 'no text for sqlite')):
            with self.subTest(words):
                self.refuse(text, line, words)

    def test_scope(self):
        text = '-- name: f\n-- in: id uuid\n-- out: n int\n-- one\nSELECT n FROM t WHERE id = :id;\n'
        sqlgen.load_statements(self.path(text))
        self.refuse(text, 1, 'a statement in query/ must bind its scope', 'query/x.sql')
        self.refuse(text.replace('id uuid', 'id uuid, scope_team text'), 1, 'never uses :scope_team',
                    'query/x.sql')
        for scope in ('scope_team text', 'scope_organisation uuid', 'scope_statistic instant'):
            bound = text.replace('id uuid', 'id uuid, ' + scope).replace(':id', ':id AND s = :' + scope.split()[0])
            sqlgen.load_statements(self.path(bound, 'query/x.sql'))
        two = text.replace('id uuid', 'id uuid, scope_team text, scope_organisation uuid')
        self.refuse(two.replace(':id', ':id AND s = :scope_team AND o = :scope_organisation'), 1,
                    'not two of them', 'query/x.sql')

    def test_names_across_files(self):
        text = '-- name: f\n-- run\nDELETE FROM t;\n'
        with self.assertRaisesRegex(sqlgen.Wrong, 'a statement in x.sql already'):
            sqlgen.index([self.path(text), self.path(text, 'y.sql')], 'h')


class Schemas(Case):
    def test_translation(self):
        path = self.path("CREATE TABLE t (id BLOB NOT NULL, n INTEGER, w TEXT DEFAULT 'TEXT',"
                         " PRIMARY KEY (id))\n  WITHOUT ROWID, STRICT; -- TEXT\n"
                         "-- @sqlite\nCREATE VIRTUAL TABLE f USING fts5(w);\n")
        lines, _ = sqlgen.parse_schema(path)
        self.assertEqual(sqlgen.squeeze(sqlgen.pg_schema(path, lines['pg'])),
                         'CREATE TABLE t (id BYTEA NOT NULL, n BIGINT, w TEXT COLLATE "C" DEFAULT \'TEXT\','
                         ' PRIMARY KEY (id));\n')
        self.assertIn('fts5', sqlgen.sqlite_schema(path, lines['sqlite']))
        self.assertIn('STRICT', sqlgen.sqlite_schema(path, lines['sqlite']))

    def test_projection(self):
        path = self.path('-- projection: key team,id\n-- words\nCREATE TABLE t (\n'
                         '\tid BLOB NOT NULL CHECK (a IN (1, 2)),\n\tteam TEXT NOT NULL,\n\tn INTEGER,\n'
                         '\tCHECK (n > 0),\n\tUNIQUE (team, id)\n) STRICT;\n')
        _, (table,) = sqlgen.parse_schema(path)
        self.assertEqual(table.columns, [('id', 'BLOB'), ('team', 'TEXT'), ('n', 'INTEGER')])
        self.assertEqual(sqlgen.table_texts(table, 'pg')['after'], 'SELECT id, team, n FROM t '
                         'WHERE (team, id) > ($1, $2) ORDER BY team, id LIMIT 1000')

    def test_refused(self):
        mark = '-- projection: key id\n'
        for text, line, words in (
                ('-- projection: id\n', 1, "write '-- projection: key"),
                (mark, 1, 'no CREATE TABLE follows'),
                (mark + mark, 1, 'no CREATE TABLE follows'),
                (mark + 'CREATE INDEX i ON t (id);\n', 2, 'is made by CREATE TABLE'),
                (mark + 'CREATE TABLE t (id BLOB PRIMARY KEY NOT NULL)\n', 2, "no ';'"),
                (mark + '-- @pg\nCREATE TABLE t (id BLOB);\n', 3, 'not under @pg'),
                (mark + 'CREATE TABLE t (n INTEGER PRIMARY KEY);\n', 1, 'is not a column'),
                (mark + 'CREATE TABLE t (id BLOB PRIMARY KEY) STRICT;\n', 1, 'must be NOT NULL'),
                (mark + 'CREATE TABLE t (id BLOB NOT NULL) STRICT;\n', 1, 'PRIMARY KEY or a UNIQUE'),
                (mark + 'CREATE TABLE t (id uuid NOT NULL);\n', 2, 'needs a type')):
            with self.subTest(words):
                self.refuse(text, line, words, load=sqlgen.parse_schema)

    def test_nothing(self):
        self.assertIn('schema_projections_count = 0', sqlgen.schema([], 'h')[1])
        self.assertIn('sql_files_count = 0', sqlgen.index([], 'h')[1])


if __name__ == '__main__':
    unittest.main()
