"""What our loader makes of a rule and what pySigma makes of it, tree by tree, value by value.

pySigma is Sigma's reference; it comes from PyPI, where that is reached. Rules are those of SigmaHQ (../shared), and
some thousand by chance: every modifier, escapes, lists, maps, conditions. Where the two may differ, and why, stands in
docs/sigma.md; the rules that hold such a thing are named here.
"""
import importlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAUBAT = pathlib.Path(os.environ.get('NAUBAT', ROOT / 'build-asan/src/naubat'))
TREES = NAUBAT.parent.parent / 'tests/sigma/rule_trees'
SHARED = pathlib.Path(os.environ.get('NAUBAT_SHARED', ROOT.parent / 'shared'))
RULES = SHARED / 'data/sigma/rules'
PYSIGMA = 'pysigma==2.0.1'
ROUNDS = int(os.environ.get('NAUBAT_SIGMA_RULES', '2000'))
# windash in the middle of a word: the specification permutes it, pySigma does not.
DIFFERENT = {'proc_creation_win_cmd_launched_with_hidden_start_flag.yml'}

COMPARE = {'LT': '<', 'LTE': '<=', 'GT': '>', 'GTE': '>='}
FLAGS = {'IGNORECASE': 'i', 'MULTILINE': 'm', 'DOTALL': 's'}


def trees(paths):
    """{path: tree} as our loader makes them."""
    done = subprocess.run([TREES], input='\n'.join(map(str, paths)) + '\n', capture_output=True, text=True,
                          check=True, timeout=300)
    return dict(json.loads(line) for line in done.stdout.splitlines())


def normal(tree):
    """AND of AND is AND, of one is that one, in an order of its own."""
    if isinstance(tree, str):
        return tree
    kind, *children = tree
    children = [normal(c) for c in children]
    if kind not in ('and', 'or'):
        return (kind, *children)
    flat = set()
    for c in children:
        flat.update(c[1:] if isinstance(c, tuple) and c[0] == kind else [c])
    return next(iter(flat)) if len(flat) == 1 else (kind, *sorted(flat, key=repr))


class Reference:
    """pySigma's reading of a rule, written as ours."""

    def __init__(self):
        self.rule = importlib.import_module('sigma.rule').SigmaRule
        self.conditions = importlib.import_module('sigma.conditions')
        self.types = importlib.import_module('sigma.types')

    def tree(self, text):
        parsed = [c.parsed for c in self.rule.from_yaml(text).detection.parsed_condition]
        return ['or'] + [self.node(p) for p in parsed]

    def node(self, n):
        c = self.conditions
        for cls, kind in ((c.ConditionAND, 'and'), (c.ConditionOR, 'or'), (c.ConditionNOT, 'not')):
            if isinstance(n, cls):
                return [kind] + [self.node(a) for a in n.args]
        return self.value(getattr(n, 'field', None), n.value)

    def glob(self, value, around):
        special, parts = self.types.SpecialChars, list(value.s)
        many = special.WILDCARD_MULTI
        if around:
            parts = [many] + parts + [many]
        out = ''
        for i, p in enumerate(parts):
            if isinstance(p, str):
                out += ''.join('\\' + c if c in '*?' else '\\0' if c == '\0' else c for c in p)
            elif p == many:
                out += '' if i and parts[i - 1] == many else '*'
            else:
                out += '?'
        return out

    def value(self, field, v):
        t, f = self.types, field or 'keyword'
        if isinstance(v, t.SigmaExpansion):
            return ['or'] + [self.value(field, x) for x in v.values]
        if isinstance(v, t.SigmaString):
            return f'{f}{"==" if isinstance(v, t.SigmaCasedString) else "="}"{self.glob(v, not field)}"'
        if isinstance(v, t.SigmaTimestampPart):
            return f'{v.timestamp_part.name.lower()} of {f}=#{v.number}'
        if isinstance(v, t.SigmaNumber):
            return f'{f}="{v.number}"' if field else f'{f}="*{v.number}*"'
        if isinstance(v, t.SigmaBool):
            return f'{f}="{"true" if v.boolean else "false"}"'
        if isinstance(v, t.SigmaRegularExpression):
            flags = ''.join(sorted(FLAGS[x.name] for x in v.flags))
            return f'{f}~/{v.regexp}/{flags}'
        if isinstance(v, t.SigmaCIDRExpression):
            return f'{f} in {v.network}'
        if isinstance(v, t.SigmaNull):
            return f'{f} null'
        if isinstance(v, t.SigmaExists):
            return f'{f} exists' if v.exists else ['not', f'{f} exists']
        if isinstance(v, t.SigmaFieldReference):
            how = {(0, 0): '=@', (1, 1): 'contains@', (1, 0): 'starts@', (0, 1): 'ends@'}
            return f + how[int(v.starts_with), int(v.ends_with)] + v.field
        if isinstance(v, t.SigmaCompareExpression):
            return f'{f}{COMPARE[v.op.name]}{v.number.number}'
        raise AssertionError(f'what is {v!r}?')


class Chance:
    """Rules by chance, as maps to be written as JSON, which YAML takes."""

    LETTERS = list('ab\\\\\\**??-/ %.()1') + ['é', '–', '日', '\\*', '\\\\*']
    NAMES = ['sel_a', 'sel_b', 'filter_x', '_hidden', 'keywords']

    def __init__(self, seed):
        self.r = random.Random(seed)

    def text(self):
        return ''.join(self.r.choice(self.LETTERS) for _ in range(self.r.randint(0, 8)))

    def plain(self):
        return ''.join(self.r.choice('abé1.-') for _ in range(self.r.randint(2, 6)))

    def some(self, make):
        return make() if self.r.random() < .5 else [make() for _ in range(self.r.randint(2, 4))]

    def item(self):
        r = self.r
        kinds = [
            lambda: ('', self.some(self.text)),
            lambda: ('|' + r.choice(['contains', 'startswith', 'endswith', 'cased', 'cased|contains']),
                     self.some(self.text)),
            lambda: ('|' + r.choice(['contains', 'startswith', 'endswith']) + '|all', [self.text() for _ in 'abc']),
            lambda: ('|base64' + r.choice(['', '|contains', 'offset|contains']), self.some(self.plain)),
            lambda: ('|' + r.choice(['wide', 'utf16be', 'utf16']) + '|base64offset|contains',
                     ''.join(r.choice('abc1.') for _ in range(5))),
            lambda: ('|windash' + r.choice(['', '|contains']), r.choice([' -f', ' /x -y', '-a*'])),
            lambda: ('|cidr', r.choice(['10.0.0.0/8', '192.168.1.0/24', '2001:db8::/32', '10.1.2.3/32'])),
            lambda: ('|' + r.choice(['lt', 'lte', 'gt', 'gte']), r.choice([1, 5, -3, 1.5])),
            lambda: ('|re' + r.choice(['', '|i', '|m', '|s', '|i|s']),
                     r.choice(['^a.*b$', '(a|b)+', 'a\\*b', '\\d{2}'])),
            lambda: ('|neq', self.some(self.plain)),
            lambda: ('|exists', r.random() < .5),
            lambda: ('|fieldref' + r.choice(['', '|startswith', '|endswith', '|contains']), 'Other'),
            lambda: ('', r.choice([1, 4688, -2, [1, 2], True])),
            lambda: ('', None),
            lambda: ('|' + r.choice(['hour', 'minute', 'day', 'week', 'month', 'year']), 5),
        ]
        modifiers, values = r.choice(kinds)()
        return r.choice('FGH') + modifiers, values

    def search(self):
        kind = self.r.random()
        if kind < .6:
            return self.fields()
        if kind < .75:
            return [self.fields() for _ in range(self.r.randint(1, 3))]
        if kind < .9:
            return [self.plain() for _ in range(self.r.randint(1, 3))]
        return {'|all': [self.plain(), self.plain()]}

    def fields(self):
        return dict(self.item() for _ in range(self.r.randint(1, 3)))

    def condition(self, names, depth=0):
        kind, r = self.r.random(), self.r
        if depth > 3 or kind < .35:
            return r.choice(names)
        if kind < .5:
            return r.choice(['1 of sel_*', 'all of sel_*', '1 of them', 'all of them', 'any of them', '1 of *'])
        inner, other = self.condition(names, depth + 1), self.condition(names, depth + 1)
        return r.choice([f'not {inner}', f'not ({inner})', f'{inner} and {other}', f'{inner} or {other}',
                         f'({inner} or {other})'])

    def rule(self):
        names = ['sel_a'] + self.r.sample(self.NAMES[1:], self.r.randint(0, 4))
        detection = {name: self.search() for name in names}
        condition = self.condition(names)
        detection['condition'] = condition if self.r.random() < .8 else [condition, self.condition(names)]
        return {'title': 'T', 'logsource': {'product': 'p'}, 'detection': detection}


class Trees(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='naubat-sigma-')
        cls.addClassCleanup(cls.folder.cleanup)
        packages = pathlib.Path(cls.folder.name) / 'packages'
        done = subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check',
                               '--target', packages, PYSIGMA], capture_output=True, timeout=300)
        if done.returncode != 0:
            raise unittest.SkipTest('PyPI is not reached: no pySigma to compare with')
        sys.path.insert(0, str(packages))
        cls.addClassCleanup(sys.path.remove, str(packages))
        cls.reference = Reference()

    def agree(self, paths):
        ours, same, different, refused = trees(paths), 0, [], []
        for path in paths:
            mine = ours[str(path)]
            if mine[0] == 'refused':
                refused.append((path.name, mine[1]))
                continue
            theirs = normal(self.reference.tree(path.read_text(encoding='utf-8')))
            if normal(mine) == theirs:
                same += 1
            else:
                different.append((path.name, f'{path.read_text()}\nours   {normal(mine)}\ntheirs {theirs}'))
        print(f'sigma: {same:,} of {len(paths):,} rules have the same tree, {len(refused)} were refused')
        return different, refused

    @unittest.skipUnless(RULES.exists(), 'data/sigma/rules of ../shared is not there')
    def test_public_rules(self):
        different, refused = self.agree(sorted(RULES.rglob('*.yml')))
        self.assertEqual({name for name, _ in different}, DIFFERENT, different[:3])
        self.assertEqual([r for r in refused if 'placeholder' not in r[1]], [])

    def test_rules_by_chance(self):
        folder = pathlib.Path(self.folder.name) / 'chance'
        folder.mkdir()
        paths, chance = [], Chance(20261128)
        for i in range(ROUNDS):
            paths.append(folder / f'{i}.yml')
            paths[-1].write_text(json.dumps(chance.rule(), ensure_ascii=False), encoding='utf-8')
        different, refused = self.agree(paths)
        self.assertEqual(refused, [])
        self.assertEqual([text for _, text in different[:3]], [])


if __name__ == '__main__':
    unittest.main()
