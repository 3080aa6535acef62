# make            builds the module for Lua 5.4 (make LUA=luajit, lua5.1, lua5.2, lua5.3 for others)
# make demo       sets up, builds, and shows an update travel
# make quick      sets up, builds, and runs in three minutes what finds most mistakes
# make test       sets up, builds, and runs every test
# make help       the rest

LUA ?= lua5.4
BUILD := build
OUT := $(BUILD)/$(LUA)

# The Lua versions on which `make test` runs the specs. Where a system no longer has one of the older,
# it says so and leaves that one out.
OLDER := lua5.1 lua5.2 lua5.3
LUAS := lua5.4 luajit $(OLDER)
CHECKS := compile-gcc compile-clang specs lint memory fuzz-replay fuzz-short rock
QUICK := build-newer lint quick-specs
THOROUGH := thorough-bulk thorough-faults thorough-older thorough-memory thorough-fuzz

# bin/find-lua knows the names that systems give a Lua; LUA_INCLUDE and LUA_PROGRAM override it.
ifndef LUA_INCLUDE
LUA_INCLUDE := $(shell bin/find-lua include $(LUA))
endif
ifndef LUA_PROGRAM
LUA_PROGRAM := $(or $(shell bin/find-lua program $(LUA)),$(LUA))
endif
CURL_CFLAGS ?= $(shell pkg-config --cflags libcurl 2>/dev/null)
CURL_LIBS ?= $(shell pkg-config --libs libcurl 2>/dev/null || echo -lcurl)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror
# Lua's functions are called hundreds of times for each record: straight, not through a jump table.
CFLAGS ?= -O3 -g -fno-plt
CORE_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden $(WARNINGS) \
  -Isrc $(LUA_INCLUDE) $(CURL_CFLAGS)

# A module's Lua functions are in the program that loads it, which macOS's linker must be told.
SHARED := $(if $(filter Darwin,$(shell uname -s)),-bundle -undefined dynamic_lookup,-shared)
# A make that was started by one with several jobs shares those.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
# Make 4 keeps the lines of targets that run at once together.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
JOBS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

SOURCES := $(sort $(wildcard src/*.c src/*/*.c))
OBJECTS := $(SOURCES:src/%.c=$(OUT)/obj/%.o)
CORE := $(OUT)/patchbay/core.so
COMPILE = $(CC) $(CORE_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(SHARED) $(LDFLAGS)

all: $(CORE)

$(CORE): $(OBJECTS) $(OUT)/link
	@mkdir -p $(@D)
	$(LINK) -o $@ $(OBJECTS) $(CURL_LIBS) -lm

$(OUT)/obj/%.o: src/%.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

# The commands, as files that change when they do: other flags build anew, the same ones do not.
$(OUT)/compile: FORCE
	@$(call keep,$(COMPILE))
$(OUT)/link: FORCE
	@$(call keep,$(LINK) $(OBJECTS) $(CURL_LIBS))
keep = mkdir -p $(@D); echo '$(subst ','\'',$1)' | cmp -s - $@ || echo '$(subst ','\'',$1)' >$@

-include $(OBJECTS:.o=.d)

## env         for eval "$(make -s env)": this checkout's build for the Lua of this shell
# A variable with a Lua's version in its name hides the one without: where one is set, it is extended.
# An empty entry at the end of a path is Lua's own default. The folder's name is quoted for eval.
env: $(CORE)
	@root=$$(pwd | sed "s/'/'\\\\''/g"); \
	for version in _5_2 _5_3 _5_4 ''; do \
	  if [ -n "$$version" ]; then \
	    printf '[ -z "$${LUA_PATH%s+x}$${LUA_CPATH%s+x}" ] || ' "$$version" "$$version"; \
	  fi; \
	  printf 'export LUA_PATH%s=%s"$${LUA_PATH%s:-$${LUA_PATH:-;}}" LUA_CPATH%s=%s"$${LUA_CPATH%s:-$${LUA_CPATH:-;}}"\n' \
	    "$$version" "'$$root/lua/?.lua;$$root/lua/?/init.lua;'" "$$version" \
	    "$$version" "'$$root/$(OUT)/?.so;'" "$$version"; \
	done

# Set-up may install what the variables above look for, so the work is a make of its own after it.

## demo        sets up, builds, starts the sandbox and runs the examples against it
demo:
	@bin/setup demo
	@$(MAKE) -s --no-print-directory $(PARALLEL) all
	@eval "$$($(MAKE) -s --no-print-directory env)" && examples/demo.sh

## quick       before each commit: builds, lints, and runs the specs without those tagged #slow on Lua 5.4 and LuaJIT
quick:
	@bin/setup test
	@MAKE='$(MAKE)' bin/check $(QUICK)

## test        sets up and runs everything below that tests, but for thorough; the last line is the count
test:
	@bin/setup test
	@MAY_LACK='$(OLDER)' MAKE='$(MAKE)' bin/check $(CHECKS)

## thorough    before a release: make test, and what takes too long for every run
thorough:
	@bin/setup test
	@MAY_LACK='$(OLDER)' MAKE='$(MAKE)' bin/check $(CHECKS) $(THOROUGH)

# What specs need that is written in C.
HELPERS := alloc_failure closing_host lookups.so sockets.so

## test-LUA    runs the specs on one Lua: test-lua5.4, test-luajit, test-lua5.1 ...
test-%:
	@bin/lacks $@ $* || { $(MAKE) --no-print-directory -s $(PARALLEL) LUA=$* all $(HELPERS:%=$(BUILD)/$*/%) && \
	  bin/run-specs $@ $(BUILD)/$* $(SPECS) -- $(or $(shell bin/find-lua program $*),$*); }

# Several runs beside one another.
BESIDE = $(MAKE) --no-print-directory -s -k $(PARALLEL) $(SYNC)

## specs       the two below at once, on every core: most of a run is waiting
specs:
	@$(MAKE) --no-print-directory -s -k -j$(words $(LUAS)) $(SYNC) test-newer test-older

## test-newer  runs the specs on Lua 5.4 and LuaJIT
test-newer:
	+@$(BESIDE) test-lua5.4 test-luajit

# The first part of make quick: a build that fails is one failure, and no spec's.
build-newer:
	@status=0; for lua in lua5.4 luajit; do \
	  bin/try $@ "builds for $$lua" $(MAKE) --no-print-directory -s $(PARALLEL) LUA=$$lua all || status=1; \
	done; exit $$status

quick-specs:
	+@$(BESIDE) SPECS='$(or $(SPECS),--exclude-tags=slow)' test-lua5.4 test-luajit

## test-older  runs the specs on Lua 5.1, 5.2 and 5.3, without those tagged #slow unless SPECS says otherwise
test-older:
	+@$(BESIDE) SPECS='$(or $(SPECS),--exclude-tags=slow)' $(OLDER:%=test-%)

## compile-CC  builds with one compiler for every Lua tested: compile-gcc, compile-clang
compile-%:
	@status=0; for lua in $(LUAS); do \
	  bin/lacks $@ $$lua || bin/try $@ "builds for $$lua" $(MAKE) --no-print-directory -s $(PARALLEL) \
	    CC=$* LUA=$$lua OUT=$(BUILD)/$*/$$lua all || status=1; \
	done; exit $$status

## lint        reads the tree: luacheck, clang-format, cppcheck, shellcheck, the project's own rules
lint:
	@bin/lint

# nodelete: what is unloaded when Lua closes can neither be named in a report nor hold on to memory
# that is still in use, which would then be reported as lost.
MEMORY_LDFLAGS := -Wl,-z,nodelete
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE_CC ?= gcc
MEMORY_CFLAGS := -O1 -g -fno-omit-frame-pointer
FAULTS := 99

# The whole run for one Lua; for another what is not tagged #slow, unless SPECS says otherwise.
asan-%: export ASAN_OPTIONS = detect_leaks=1:exitcode=$(FAULTS):strict_string_checks=1:detect_stack_use_after_return=1
asan-%: export UBSAN_OPTIONS = print_stacktrace=1:exitcode=$(FAULTS)
asan-%: export LSAN_OPTIONS = suppressions="$(CURDIR)/spec/support/lsan.supp":print_suppressions=0
asan-luajit: SPECS ?= --exclude-tags=slow

## asan-LUA    runs the specs under AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer
asan-%:
	@$(MAKE) --no-print-directory -s $(PARALLEL) LUA=$* OUT=$(BUILD)/$@ CC=$(SANITIZE_CC) \
	  CFLAGS='$(MEMORY_CFLAGS) $(SANITIZE)' LDFLAGS='$(SANITIZE) $(MEMORY_LDFLAGS)' checkable
	@bin/try $@ 'a deliberate leak is caught' \
	  bin/catches-leak $(BUILD)/$@ $(FAULTS) $(BUILD)/$@/host
	@SPEC_STATUS=$(FAULTS) bin/run-specs $@ $(BUILD)/$@ --exclude-tags=resident $(SPECS) -- \
	  $(BUILD)/$@/host

VALGRIND := valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite \
  --show-leak-kinds=definite --error-exitcode=$(FAULTS) --trace-children=no \
  --child-silent-after-fork=yes --keep-debuginfo=yes --num-callers=30 \
  --suppressions=spec/support/valgrind.supp

## valgrind-LUA  runs the specs, but for those tagged #slow, under valgrind's memcheck
valgrind-%:
	@$(MAKE) --no-print-directory -s $(PARALLEL) LUA=$* OUT=$(BUILD)/$@ \
	  CFLAGS='$(MEMORY_CFLAGS)' LDFLAGS='$(MEMORY_LDFLAGS)' checkable
	@bin/try $@ 'a deliberate leak is caught' \
	  bin/catches-leak $(BUILD)/$@ $(FAULTS) $(VALGRIND) $(BUILD)/$@/host
	@SPEC_TIMEOUT=2400 SPEC_STATUS=$(FAULTS) bin/run-specs $@ $(BUILD)/$@ \
	  --exclude-tags=slow,resident $(SPECS) -- $(VALGRIND) $(BUILD)/$@/host

asan: asan-lua5.4
valgrind: valgrind-lua5.4

# What make thorough adds. Each part has a name of its own in the results, but runs what the targets above run.
thorough_specs = bin/run-specs $@ $(BUILD)/$1 $2 -- $(or $(shell bin/find-lua program $1),$1)
thorough_build = $(MAKE) --no-print-directory -s $(PARALLEL) LUA=$1 all $(BUILD)/$1/alloc_failure $(BUILD)/$1/sockets.so

## thorough-bulk  bulk runs that are killed 50 times, and 10,000 updates to a vendor in a bad hour
thorough-bulk:
	@$(call thorough_build,lua5.4)
	@PB_KILLS=50 PB_UPDATES=10000 SPEC_TIMEOUT=3600 \
	  $(call thorough_specs,lua5.4,spec/each_kill_spec.lua spec/each_http_spec.lua)

## thorough-faults  the matrix of faults at every byte, over TLS too, and 1,500 rounds of the random specs
thorough-faults:
	@$(call thorough_build,lua5.4)
	@PB_THOROUGH=1 PB_ROUNDS=1500 SPEC_TIMEOUT=3600 \
	  $(call thorough_specs,lua5.4,spec/faults_spec.lua spec/record_property_spec.lua spec/update_property_spec.lua)

## thorough-older  the specs tagged #slow on Lua 5.1, 5.2 and 5.3
thorough-older:
	@$(MAKE) --no-print-directory -s -k SPECS=--tags=slow $(OLDER:%=test-%)

## thorough-memory  valgrind with LuaJIT, and with AddressSanitizer the specs tagged #slow with LuaJIT
thorough-memory:
	@status=0; $(MAKE) --no-print-directory -s valgrind-luajit || status=1; \
	$(MAKE) --no-print-directory -s SPECS=--tags=slow asan-luajit || status=1; exit $$status

## thorough-fuzz  fuzzes each harness for THOROUGH_FUZZ_SECONDS (60), on from where the last time ended
THOROUGH_FUZZ_SECONDS ?= 60
thorough-fuzz:
	@$(MAKE) --no-print-directory -s -j$(JOBS) LUA=lua5.4 OUT=$(BUILD)/fuzz $(LIBFUZZER) fuzz-harnesses
	@status=0; for harness in $(FUZZ); do \
	  FUZZ_SECONDS=$(THOROUGH_FUZZ_SECONDS) bin/try $@ "$$harness for $(THOROUGH_FUZZ_SECONDS) s" \
	    bin/fuzz long $(BUILD)/fuzz $$harness || status=1; \
	done; exit $$status

## memory      runs the memory checkers of make test: valgrind-lua5.4, asan-lua5.4, asan-luajit
# The longest first.
memory:
	+@$(BESIDE) valgrind-lua5.4 asan-lua5.4 asan-luajit

checkable: all $(OUT)/leak.so $(OUT)/host $(HELPERS:%=$(OUT)/%)

$(OUT)/leak.so: spec/support/leak.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -fvisibility=default $(LINK:$(CC)%=%) -o $@ $<

# The sockets of the server that the fault matrix is played by.
$(OUT)/sockets.so: spec/support/sockets.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -fvisibility=default $(LINK:$(CC)%=%) -o $@ $< -lssl -lcrypto

# Names that are looked up for as long as a spec wants.
$(OUT)/lookups.so: spec/support/lookups.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -fvisibility=default $(LINK:$(CC)%=%) -o $@ $<

$(OUT)/closing_host: spec/support/closing_host.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -o $@ $< $(shell bin/find-lua libs $(LUA)) -lpthread

$(OUT)/host: spec/support/host.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -o $@ $< $(shell bin/find-lua libs $(LUA))

# The core's objects in a program of its own, which gives and refuses them their memory.
$(OUT)/alloc_failure: spec/support/alloc_failure.c $(OBJECTS) $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -o $@ $< $(OBJECTS) $(shell bin/find-lua libs $(LUA)) $(CURL_LIBS) -lm

# Every file of spec/fuzz is a harness: C, or a script for the one that embeds a Lua.
FUZZ := $(sort $(basename $(notdir $(wildcard spec/fuzz/*.c spec/fuzz/*.lua))))
# What calls them: a main program that goes through files, or libFuzzer, which brings its own.
FUZZ_MAIN ?= spec/support/fuzz_replay.c
FUZZ_LINK = -Ispec/support $(LDFLAGS) -o $@ $(FUZZ_MAIN) $< $(OBJECTS) \
  $(shell bin/find-lua libs $(LUA)) $(CURL_LIBS) -lm
LIBFUZZER := CC=clang FUZZ_MAIN=-fsanitize=fuzzer \
  CFLAGS='$(MEMORY_CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link' LDFLAGS='$(SANITIZE)'
fuzz-replay fuzz-short fuzz thorough-fuzz: export ASAN_OPTIONS = detect_leaks=1:strict_string_checks=1
fuzz-replay fuzz-short fuzz thorough-fuzz: export UBSAN_OPTIONS = print_stacktrace=1

$(OUT)/fuzz/%: spec/fuzz/%.c spec/support/fuzz.h spec/support/fuzz_replay.c $(OBJECTS) $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(FUZZ_LINK)

# The script is found when the harness runs, in the root of the tree.
$(OUT)/fuzz/%: spec/support/fuzz_lua.c spec/fuzz/%.lua spec/support/fuzz.h spec/support/fuzz_replay.c \
    $(OBJECTS) $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -DFUZZ_SCRIPT='"spec/fuzz/$*.lua"' $(FUZZ_LINK)

fuzz-harnesses: $(FUZZ:%=$(OUT)/fuzz/%)

## fuzz-replay runs every harness on the inputs in the tree, on Lua 5.4 and LuaJIT; needs no clang
fuzz-replay:
	@status=0; for lua in lua5.4 luajit; do \
	  $(MAKE) --no-print-directory -s -j$(JOBS) LUA=$$lua fuzz-harnesses && \
	  bin/fuzz replay $(BUILD)/$$lua $(FUZZ) || status=1; \
	done; exit $$status

## fuzz-short  fuzzes every harness for some seconds, always with the same inputs
fuzz-short:
	@$(MAKE) --no-print-directory -s -j$(JOBS) LUA=lua5.4 OUT=$(BUILD)/fuzz $(LIBFUZZER) fuzz-harnesses
	@bin/fuzz short $(BUILD)/fuzz $(FUZZ)

## fuzz        fuzzes each harness for FUZZ_SECONDS (300), on from where the last time ended
FUZZ_SECONDS ?= 300
fuzz:
	@$(MAKE) --no-print-directory -s -j$(JOBS) LUA=lua5.4 OUT=$(BUILD)/fuzz $(LIBFUZZER) fuzz-harnesses
	@FUZZ_SECONDS=$(FUZZ_SECONDS) bin/fuzz long $(BUILD)/fuzz $(FUZZ)

## fuzz-coverage says how much of src the harnesses have run, with the inputs of the tree and of make fuzz
fuzz-coverage:
	@$(MAKE) --no-print-directory -s -j$(JOBS) LUA=lua5.4 OUT=$(BUILD)/coverage CC=clang \
	  CFLAGS='-O1 -g -fprofile-instr-generate -fcoverage-mapping' LDFLAGS='-fprofile-instr-generate' \
	  fuzz-harnesses
	@FUZZ_CORPUS=$(BUILD)/fuzz/corpus bin/fuzz coverage $(BUILD)/coverage $(FUZZ)

## rock        installs the rock for each Lua into a tree of its own and uses it from there
rock:
	@bin/test-rock lua5.1 lua5.3 luajit lua5.4

## sandbox     starts the sandbox server in the foreground
sandbox: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && exec bin/patchbay-sandbox

## bench       measures, and prints ratios to what a bare program takes
bench: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && LUA_PROGRAM='$(LUA_PROGRAM)' CC='$(CC)' \
	  CURL_CFLAGS='$(CURL_CFLAGS)' CURL_LIBS='$(CURL_LIBS)' bench/run

## format      formats the C sources as the lint wants them
format:
	clang-format -i $(wildcard src/*.[ch] src/*/*.[ch] spec/support/*.[ch] spec/fuzz/*.c bench/*.[ch])

## docs        writes docs/reference/ and types/ out of the descriptions
docs: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && $(LUA_PROGRAM) bin/docs

## reliability writes the table of faults in docs/reliability.md anew
reliability:
	$(LUA_PROGRAM) spec/support/fault_table.lua docs/reliability.md

## rockspec    writes the tree's file lists into the rockspec
rockspec:
	bin/rockspec

## clean       removes everything that was built
# The rest is what "luarocks make" leaves in a checkout.
clean:
	rm -rf $(BUILD) patchbay src/*.o src/*/*.o

help:
	@echo 'make                 builds for Lua 5.4; make LUA=luajit, lua5.1, lua5.2, lua5.3 for another'
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST)) | \
	  while read -r target what; do printf 'make %-15s %s\n' "$$target" "$$what"; done
	@echo
	@echo 'SPECS="..." gives busted options or files: make test-luajit SPECS="spec/core/json/json_decode_spec.lua"'

FORCE:

.PHONY: all env demo quick test thorough build-newer quick-specs thorough-bulk thorough-faults thorough-older \
  thorough-memory thorough-fuzz specs test-newer test-older lint asan valgrind memory checkable fuzz-harnesses fuzz-replay fuzz-short \
  fuzz fuzz-coverage rock sandbox bench format docs reliability rockspec clean help FORCE
.DELETE_ON_ERROR:
