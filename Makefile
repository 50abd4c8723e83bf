# What people type. Every recipe works on a fresh Debian machine with Swift on its PATH.
#   make demo   speaks: installs, builds, starts the four services, writes demo.wav
#   make test   tests: everything, from unit tests to real processes under fire
#   make test-arm64   holds the kernels for arm64 to the oracle, in an emulator

SWIFT ?= swift
BUILD  = $(SWIFT) build -c release --explicit-target-dependency-import-check error
BIN    = .build/release
SUDO   = $(if $(filter 0,$(shell id -u)),,sudo)

# Libraries of the product, and what the tests use beside them (a Python client, its protobuf, a speech recogniser).
PACKAGES      = libzmq3-dev libsndfile1-dev libopenblas-pthread-dev libsqlite3-dev libsodium-dev
TEST_PACKAGES = $(PACKAGES) protobuf-compiler python3 python3-zmq python3-protobuf procps \
                pocketsphinx pocketsphinx-en-us

SOURCES = Package.swift Services Shared Tests

.PHONY: all deps test-deps build build-tests demo test test-golden test-long test-arm64 bench format lint proto clean

all: build

deps:
	@Compose/debian/install-packages $(PACKAGES)

test-deps:
	@Compose/debian/install-packages $(TEST_PACKAGES)

build: deps
	@$(BUILD)

# The tests are built with the flags of the product, so that neither is built twice.
build-tests: test-deps
	@$(BUILD) --build-tests

demo: build
	@$(BIN)/colloquy speak --output demo.wav --seed 4 --voice S1=anna --voice S2=david \
	    "[S1]Hello, welcome to the show.[S2]Thank you, it is good to be here.[S1]Today we talk about music.[S2]I really like music."

test: build-tests lint
	@Tests/run

test-golden: build-tests
	@Tests/run --filter Golden

# The fuzzers and the slow properties at full length.
test-long: build-tests lint
	@COLLOQUY_TEST_LONG=1 Tests/run

# Not part of `test`: needs a cross compiler and an emulator, which it names.
test-arm64:
	@Tests/Arm64/run

bench: build
	@$(BIN)/colloquy bench

format:
	@$(SWIFT) format -i -r $(SOURCES)

lint:
	@$(SWIFT) format lint --strict -r $(SOURCES)

# Only when a .proto changed: writes the Swift of Shared/Contracts/Generated anew.
proto:
	@Shared/Contracts/Proto/generate

clean:
	@rm -rf .build demo.wav
