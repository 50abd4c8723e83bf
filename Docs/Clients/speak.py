"""Speaks a dialogue into a WAV file: speak.py ENDPOINT FILE SEED SCRIPT VOICE [VOICE …], S1's voice first."""
import os
import struct
import sys

import zmq

import dialogue_pb2 as dialogue
import envelope_pb2 as clq

endpoint, path, seed, script, *voices = sys.argv[1:]
socket = zmq.Context().socket(zmq.DEALER)
socket.setsockopt(zmq.LINGER, 0)
socket.setsockopt(zmq.RCVTIMEO, 600_000)
socket.connect(endpoint)
stream = os.urandom(16)


def send(kind, *parts, **fields):
    envelope = clq.Envelope(version=1, kind=kind, stream=stream, **fields)
    socket.send_multipart([envelope.SerializeToString(), *parts])


speakers = [dialogue.Speaker(number=n, voice=voice) for n, voice in enumerate(voices, 1)]
request = dialogue.SpeakRequest(script=script, speakers=speakers, seed=int(seed))
send(clq.REQUEST, request.SerializeToString(), method="dialogue.Speak", budget_ms=600_000, credit=16)
sound, rate, kind = b"", 0, clq.REQUEST
while kind != clq.COMPLETE:
    first, *body = socket.recv_multipart()
    kind = clq.Envelope.FromString(first).kind
    if kind == clq.ERROR:
        failure = clq.Failure.FromString(body[0])
        sys.exit(f"{failure.code}: {failure.message}")
    if kind == clq.ITEM:
        item = dialogue.SpeakItem.FromString(body[0])
        if item.has_samples:
            sound, rate = sound + body[1 + item.samples_blob], item.sample_rate
        send(clq.CREDIT, credit=1)  # this item is consumed, another may come

form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, 4 * rate, 4, 32)  # 32-bit float, mono
data = struct.pack("<4sI", b"data", len(sound)) + sound
with open(path, "wb") as file:
    file.write(struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data)
