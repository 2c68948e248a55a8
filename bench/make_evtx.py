#!/usr/bin/env python3
"""Makes an EVTX file of real events, for bench_evtx: the Windows events of ../shared, in the form that Windows writes.

usage: bench/make_evtx.py EVENTS.jsonl[.zst] OUT.evtx [COUNT=20000]

Events are flat JSON of NXLog (data/events) or nested (data/sigma/regression); every n-th is taken, so that all
kinds are there. Each becomes a template for System and one for the data, as providers with a manifest have.
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'tests'))
import evtx_writer as w  # noqa: E402

# What the collector added, or took from System.
NOT_DATA = set('''Keywords SeverityValue EventID ProviderGuid ExecutionProcessID Channel host AccountType UserID
    ThreadID EventType Opcode EventTime EventReceivedTime @timestamp SourceModuleType port AccountName RecordNumber Task
    Domain @version OpcodeValue SourceModuleName Severity SourceName Version Category Hostname tags Message message
    ActivityID RelatedActivityID'''.split())


def nested(flat):
    """A flat event as evtx_dump would have it."""
    system = {
        'Provider': {'#attributes': {'Name': flat.get('SourceName', '-'),
                                     'Guid': str(flat.get('ProviderGuid', '')).strip('{}').upper()}},
        'EventID': int(flat.get('EventID', 0)), 'Version': int(flat.get('Version') or 0), 'Level': 4,
        'Task': int(flat.get('Task') or 0), 'Opcode': int(flat.get('OpcodeValue') or 0),
        'Keywords': hex(int(str(flat.get('Keywords') or 0), 0) % 2**64),
        'TimeCreated': {'#attributes': {'SystemTime': '2020-09-20T17:38:55.290123Z'}},
        'EventRecordID': int(flat.get('RecordNumber') or 0), 'Correlation': None,
        'Execution': {'#attributes': {'ProcessID': int(flat.get('ExecutionProcessID') or 0),
                                      'ThreadID': int(flat.get('ThreadID') or 0)}},
        'Channel': flat.get('Channel', '-'), 'Computer': flat.get('Hostname', '-'),
        'Security': {'#attributes': {'UserID': flat.get('UserID') or 'S-1-5-18'}}}
    data = {k: v if isinstance(v, (str, int)) else json.dumps(v) for k, v in flat.items() if k not in NOT_DATA}
    return {'Event': {'#attributes': {'xmlns': 'http://schemas.microsoft.com/win/2004/08/events/event'},
                      'System': system, 'EventData': data}}


def lines(path):
    if path.endswith('.zst'):
        return subprocess.run(['zstdcat', path], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    return pathlib.Path(path).read_bytes().splitlines()


def main(source, target, count=20000):
    all_lines = lines(source)
    step = max(len(all_lines) // int(count), 1)
    records = []
    for i, line in enumerate(all_lines[::step]):
        event = json.loads(line)
        record = w.twin(event if 'Event' in event else nested(event))
        records.append((record, i + 1, w.filetime('2020-09-20T17:38:55Z')))
    pathlib.Path(target).write_bytes(w.write(records))


if __name__ == '__main__':
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
