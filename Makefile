# A thin door to Meson and Ninja: `make help` lists what it opens.
# No rule here knows the sources; meson.build does.

.SILENT:
.NOTPARALLEL:

BUILD   = build
DESTDIR =
PREFIX  = /usr/local
SECONDS = 60

help:
	echo 'make run       install what is needed, build, and start the demonstration on 127.0.0.1'
	echo 'make build     leaves build/naubat'
	echo 'make test      install what tests need, and run all of them'
	echo 'make check     the style check'
	echo 'make bench     the numbers of docs/bench.md'
	echo 'make fuzz      every fuzzer for SECONDS=60 each'
	echo 'make install   program, manual, unit and regimes, below PREFIX=/usr/local (and DESTDIR=)'
	echo 'make clean     remove everything that was built'

run: setup build
	exec $(BUILD)/naubat demo

setup:
	tools/setup run

build: console-dist $(BUILD)/build.ninja
	ninja -C $(BUILD) -n src/naubat | grep -q 'no work to do' || ninja -C $(BUILD) src/naubat
	ln -sf src/naubat $(BUILD)/naubat

$(BUILD)/build.ninja:
	meson setup $(BUILD) --prefix $(PREFIX) > /dev/null || { cat $(BUILD)/meson-logs/meson-log.txt; exit 1; }

console-dist:
	tools/build-console

test:
	tools/setup test
	tests/run

check:
	tools/tidy.py

bench: build
	[ -x bench/run ] || { echo 'There is no bench/run yet: nothing was measured.'; exit 1; }
	bench/run

fuzz:
	tools/setup test
	tools/fuzz $(SECONDS)

install: build
	meson install -C $(BUILD) --no-rebuild --destdir "$(DESTDIR)"

clean:
	rm -rf $(BUILD) build-asan build-gcc build-clang console/dist console/node_modules

.PHONY: help run setup build console-dist test check bench fuzz install clean
