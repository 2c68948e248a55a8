#!/usr/bin/env python3
"""vector_checkpoint.py - the vector of test_checkpoint.c, made without our code (needs python3-cryptography)."""
import base64, hashlib
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

seed = bytes(range(32))
name = 'cert.example/node-1'
key = Ed25519PrivateKey.from_private_bytes(seed)
public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
key_id = hashlib.sha256(name.encode() + b'\n' + b'\x01' + public).digest()[:4]
leaves = [hashlib.sha256(b'\0' + str(i).encode()).digest() for i in range(3)]
node = lambda a, b: hashlib.sha256(b'\1' + a + b).digest()
root = node(node(leaves[0], leaves[1]), leaves[2])
text = f'{name}\n3\n{base64.b64encode(root).decode()}\nepoch 2\ntime 2026-11-24T01:48:10.000123Z\n'
blob = base64.b64encode(key_id + key.sign(text.encode())).decode()
print(f'{text}\n\u2014 {name} {blob}')
print(f'{name}+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}')
