# make            builds the module for Lua 5.4 (make LUA=lua5.5, luajit, lua5.1, lua5.2, lua5.3 for others)
# make demo       sets up, builds, and sends updates to simulated vendors
# make quick      sets up, builds, and runs the checks that find most mistakes, in three minutes
# make test       sets up, builds, and runs every test
# make help       lists the other targets

LUA ?= lua5.4
BUILD := build
# Plain C is the same for every Lua and is compiled once; builds with other flags have folders of their own.
PLAIN_OUT := $(if $(filter command line,$(origin OUT)),$(OUT),$(BUILD)/plain)
OUT := $(BUILD)/$(LUA)

# The Lua versions on which `make test` runs the specs. If the system no longer offers one of the older
# versions, or does not offer the newest yet, the run says so and leaves it out.
OLDER := lua5.1 lua5.2 lua5.3
NEWER := lua5.4 luajit lua5.5
LUAS ?= $(NEWER) $(OLDER)
MAY_LACK := $(OLDER) lua5.5
# The specs use builds by $(CC); builds by the other compiler are for its warnings, which do not depend on how much it
# optimises.
SPECS_CC = $(if $(findstring Free Software Foundation,$(shell $(CC) --version 2>/dev/null)),gcc,clang)
OTHER_CC = $(filter-out $(SPECS_CC),gcc clang)
# The specs on other Luas than 5.4; spec/README.md says why not all on each.
SPEC_RUNS := test-luajit test-lua5.5 brief-lua5.1 module-lua5.2 module-lua5.3
# The longest begin first. .ci/run also tests on the next Debian.
CHECKS = compile-$(SPECS_CC) -- $(if $(CI),matrix-stable) test-lua5.4 asan-lua5.4 valgrind-lua5.4 \
  $(SPEC_RUNS) lint rock compile-$(OTHER_CC) fuzz-replay --
QUICK := build-newer -- brief-lua5.4 module-luajit lint
THOROUGH := thorough-bulk thorough-faults thorough-older thorough-memory thorough-fuzz thorough-rock

# bin/find-lua knows the names that systems give to a Lua; LUA_INCLUDE and LUA_PROGRAM override it.
ifndef LUA_INCLUDE
LUA_INCLUDE := $(shell bin/find-lua include $(LUA))
endif
ifndef LUA_PROGRAM
LUA_PROGRAM := $(or $(shell bin/find-lua program $(LUA)),$(LUA))
endif
CURL_CFLAGS ?= $(shell pkg-config --cflags libcurl 2>/dev/null)
CURL_LIBS ?= $(shell pkg-config --libs libcurl 2>/dev/null || echo -lcurl)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror
# -fno-plt: a record calls Lua's functions hundreds of times; call them directly, not through a jump table.
CFLAGS ?= -O3 -g -fno-plt
PLAIN_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden $(WARNINGS) -Isrc $(CURL_CFLAGS)

# The program that loads the module provides Lua's functions; macOS's linker must be told so.
SHARED := $(if $(filter Darwin,$(shell uname -s)),-bundle -undefined dynamic_lookup,-shared)
# A make that another make with several jobs starts shares its jobs.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# src/redis is a module of its own: see the target redis.
SOURCES := $(filter-out src/redis/%,$(sort $(wildcard src/*.c src/*/*.c)))
PLAIN_SOURCES := $(filter $(addprefix src/,$(addsuffix /%,base csv http json mask schema system)),$(SOURCES))
PLAIN_OBJECTS := $(PLAIN_SOURCES:src/%.c=$(PLAIN_OUT)/obj/%.o)
LUA_OBJECTS := $(patsubst src/%.c,$(OUT)/obj/%.o,$(filter-out $(PLAIN_SOURCES),$(SOURCES)))
OBJECTS := $(PLAIN_OBJECTS) $(LUA_OBJECTS)
CORE := $(OUT)/patchbay/core.so
COMPILE_PLAIN = $(CC) $(PLAIN_CFLAGS) $(CPPFLAGS) $(CFLAGS)
COMPILE = $(COMPILE_PLAIN) $(LUA_INCLUDE)
LINK = $(CC) $(SHARED) $(LDFLAGS)

all: $(CORE)

$(CORE): $(OBJECTS) $(OUT)/link
	@mkdir -p $(@D)
	$(LINK) -o $@ $(OBJECTS) $(CURL_LIBS) -lm

$(LUA_OBJECTS): $(OUT)/obj/%.o: src/%.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

# Builds for two Luas at the same time may compile the same file: an object is there whole or not at all.
$(PLAIN_OBJECTS): $(PLAIN_OUT)/obj/%.o: src/%.c $(PLAIN_OUT)/compile-plain
	@mkdir -p $(@D)
	$(COMPILE_PLAIN) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ $< && mv -f $@.$$$$ $@

# The client of the store that several machines share. hiredis has TLS from 1.0 on, in a library of its own.
REDIS := $(OUT)/patchbay/redis.so
REDIS_SOURCES := src/redis/redis.c src/system/write_signals.c
ifneq ($(shell pkg-config --exists hiredis_ssl openssl 2>/dev/null && echo yes),)
REDIS_FLAGS ?= -DPB_REDIS_TLS $(shell pkg-config --cflags openssl)
REDIS_LIBS ?= -lhiredis_ssl -lhiredis $(shell pkg-config --libs openssl)
endif
REDIS_LIBS ?= -lhiredis

## redis       builds patchbay.redis, the client of Redis for "shared", which needs hiredis
redis: $(REDIS)

$(REDIS): $(REDIS_SOURCES) $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(REDIS_FLAGS) $(LINK:$(CC)%=%) -o $@ $(REDIS_SOURCES) $(REDIS_LIBS)

# For the rock patchbay-redis.
install-redis: redis
	@mkdir -p '$(INST_LIBDIR)/patchbay'
	cp $(REDIS) '$(INST_LIBDIR)/patchbay/redis.so'

# The commands are kept in files that change with them: changed flags cause a rebuild, unchanged flags do not.
$(OUT)/compile: FORCE
	@$(call keep,$(COMPILE))
$(PLAIN_OUT)/compile-plain: FORCE
	@$(call keep,$(COMPILE_PLAIN))
$(OUT)/link: FORCE
	@$(call keep,$(LINK) $(OBJECTS) $(CURL_LIBS))
keep = mkdir -p $(@D); echo '$(subst ','\'',$1)' | cmp -s - $@ || echo '$(subst ','\'',$1)' >$@

-include $(OBJECTS:.o=.d)

## env         prints variables for eval "$(make -s env)": scripts of this shell use this checkout's build
# A variable with a Lua version in its name hides the one without, so if one is set, it is extended.
# An empty entry at the end of a path stands for Lua's default. The folder's name is quoted for eval.
env: $(CORE)
	@root=$$(pwd | sed "s/'/'\\\\''/g"); \
	for version in _5_2 _5_3 _5_4 _5_5 ''; do \
	  if [ -n "$$version" ]; then \
	    printf '[ -z "$${LUA_PATH%s+x}$${LUA_CPATH%s+x}" ] || ' "$$version" "$$version"; \
	  fi; \
	  printf 'export LUA_PATH%s=%s"$${LUA_PATH%s:-$${LUA_PATH:-;}}" LUA_CPATH%s=%s"$${LUA_CPATH%s:-$${LUA_CPATH:-;}}"\n' \
	    "$$version" "'$$root/lua/?.lua;$$root/lua/?/init.lua;'" "$$version" \
	    "$$version" "'$$root/$(OUT)/?.so;'" "$$version"; \
	done

# Set-up may install what the variables above look for, so a separate make does the work after it.

## demo        sets up, builds, starts the sandbox and runs the examples against it
demo:
	@bin/setup demo
	@$(MAKE) -s --no-print-directory $(PARALLEL) all
	@eval "$$($(MAKE) -s --no-print-directory env)" && examples/demo.sh

## quick       before each commit: builds, lints, and runs brief-lua5.4 and module-luajit
quick:
	@bin/setup test
	@MAKE='$(MAKE)' bin/check $(QUICK)

## test        sets up and runs every test below except thorough; the last line is the count
test:
	@bin/setup test
	@MAY_LACK='$(MAY_LACK)' MAKE='$(MAKE)' bin/check $(CHECKS)

## thorough    before a release: make test, and the tests that take too long for every run
thorough:
	@bin/setup test
	@MAY_LACK='$(MAY_LACK)' MAKE='$(MAKE)' bin/check $(CHECKS) $(THOROUGH)

# The parts of the specs that are written in C.
HELPERS := alloc_failure closing_host lookups.so no_tls.so patchbay/redis.so sockets.so

## test-LUA    runs the specs on one Lua: test-lua5.4; on others without those tagged #once: test-luajit, test-lua5.1 ...
## brief-LUA   runs those that are not tagged #slow
## module-LUA  runs, of these, those of the module: without those of the command, plans, drift, imports, the server, pages
MODULE_SPECS := $(filter-out $(addprefix spec/,README.md command data desired docs drift fuzz import sandbox support), \
  $(wildcard spec/*)) spec/desired/load_spec.lua $(wildcard spec/desired/declaration*_spec.lua)
test-%: SPECS ?= $(if $(filter lua5.4,$*),,--exclude-tags=once)
brief-%: SPECS ?= --exclude-tags=slow
module-%: SPECS ?= --exclude-tags=slow $(MODULE_SPECS)
test-% brief-% module-%:
	@bin/lacks $@ $* || { $(MAKE) --no-print-directory -s $(PARALLEL) LUA=$* all $(HELPERS:%=$(BUILD)/$*/%) && \
	  bin/run-specs $@ $(BUILD)/$* $(SPECS) -- $(or $(shell bin/find-lua program $*),$*); }

# These leave out what a machine lacks; a Lua that is named alone must be there.
specs compile-gcc compile-clang rock: export MAY_LACK := $(MAY_LACK)

## specs       runs the specs on every Lua as make test does
specs:
	@MAKE='$(MAKE)' bin/check compile-$(SPECS_CC) -- test-lua5.4 $(SPEC_RUNS)

# The first part of make quick, so that a failing build counts as one failure and not as a spec's.
build-newer:
	@status=0; for lua in lua5.4 luajit; do \
	  bin/try $@ "builds for $$lua" $(MAKE) --no-print-directory -s $(PARALLEL) LUA=$$lua all || status=1; \
	done; exit $$status

# For bin/matrix: the hosts depend on the release most, and their specs are #slow. nginx runs LuaJIT.
host-specs:
	@status=0; $(MAKE) --no-print-directory -s SPECS=spec/hosts/nginx test-luajit || status=1; \
	$(MAKE) --no-print-directory -s SPECS=spec/hosts/haproxy test-lua5.4 || status=1; exit $$status

## matrix      the specs and compilers of the next Debian, and of its unstable release, in folders under build
matrix:
	@bin/setup test
	@bin/matrix trixie sid

## matrix-stable  the same of the next Debian alone, as .ci/run has it
matrix-stable:
	@bin/matrix trixie

## compile-CC  builds with one compiler for every Lua tested: compile-gcc, compile-clang
compile-%:
	@status=0; for lua in $(LUAS); do \
	  bin/lacks $@ $$lua || bin/try $@ "builds for $$lua" $(MAKE) --no-print-directory -s $(PARALLEL) LUA=$$lua all \
	    $(if $(filter $*,$(SPECS_CC)),$(HELPERS:%=$(BUILD)/$$lua/%),CC=$* CFLAGS=-O0 OUT=$(BUILD)/$*/$$lua PLAIN_OUT=$(BUILD)/$*/plain) || \
	    status=1; \
	done; exit $$status

## lint        reads the tree: luacheck, clang-format, cppcheck, shellcheck, the project's own rules
lint:
	@bin/lint

# nodelete: if a library is unloaded when Lua closes, reports cannot name its functions, and memory that it
# still refers to is reported as lost.
MEMORY_LDFLAGS := -Wl,-z,nodelete
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE_CC ?= gcc
MEMORY_CFLAGS := -O1 -g -fno-omit-frame-pointer
FAULTS := 99

# Without the specs of what is written in Lua and hardly reaches the core; thorough-memory has them.
ASAN_SPECS := spec/auth spec/bulk spec/client spec/core spec/exchange spec/hosts/described_spec.lua \
  spec/desired/load_spec.lua spec/hosts/embedding_spec.lua spec/record spec/reliability spec/security \
  spec/shared/redis_spec.lua spec/util spec/vendors

asan-%: SPECS ?= $(ASAN_SPECS)
asan-%: export ASAN_OPTIONS = detect_leaks=1:exitcode=$(FAULTS):strict_string_checks=1:detect_stack_use_after_return=1
asan-%: export UBSAN_OPTIONS = print_stacktrace=1:exitcode=$(FAULTS)
asan-%: export LSAN_OPTIONS = suppressions="$(CURDIR)/spec/support/lsan.supp":print_suppressions=0

## asan-LUA    runs the specs that reach the core under AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer
asan-%:
	@$(MAKE) --no-print-directory -s $(PARALLEL) LUA=$* OUT=$(BUILD)/$@ CC=$(SANITIZE_CC) \
	  CFLAGS='$(MEMORY_CFLAGS) $(SANITIZE)' LDFLAGS='$(SANITIZE) $(MEMORY_LDFLAGS)' checkable
	@bin/try $@ 'a deliberate leak is caught' \
	  bin/catches-leak $(BUILD)/$@ $(FAULTS) $(BUILD)/$@/host
	@SPEC_TIMEOUT=1200 SPEC_STATUS=$(FAULTS) bin/run-specs $@ $(BUILD)/$@ --exclude-tags=resident $(SPECS) -- \
	  $(BUILD)/$@/host

VALGRIND := valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite \
  --show-leak-kinds=definite --error-exitcode=$(FAULTS) --trace-children=no \
  --child-silent-after-fork=yes --keep-debuginfo=yes --num-callers=30 \
  --suppressions=spec/support/valgrind.supp

# The specs of what is written in C; thorough-memory has the others.
VALGRIND_SPECS := spec/core spec/record spec/security/secrets_spec.lua spec/reliability/gc_stress_spec.lua

## valgrind-LUA  runs the specs of the core, without those tagged #slow, under valgrind's memcheck
valgrind-%: SPECS ?= $(VALGRIND_SPECS)
valgrind-%: export PB_ROUNDS ?= 15
valgrind-%:
	@$(MAKE) --no-print-directory -s $(PARALLEL) LUA=$* OUT=$(BUILD)/$@ \
	  CFLAGS='$(MEMORY_CFLAGS)' LDFLAGS='$(MEMORY_LDFLAGS)' checkable
	@bin/try $@ 'a deliberate leak is caught' \
	  bin/catches-leak $(BUILD)/$@ $(FAULTS) $(VALGRIND) $(BUILD)/$@/host
	@SPEC_TIMEOUT=1200 SPEC_STATUS=$(FAULTS) bin/run-specs $@ $(BUILD)/$@ \
	  --exclude-tags=slow,resident $(SPECS) -- $(VALGRIND) $(BUILD)/$@/host

asan: asan-lua5.4
valgrind: valgrind-lua5.4

# The parts that make thorough adds. Each has a name of its own in the results and runs the targets above.
thorough_specs = bin/run-specs $@ $(BUILD)/$1 $2 -- $(or $(shell bin/find-lua program $1),$1)
thorough_build = $(MAKE) --no-print-directory -s $(PARALLEL) LUA=$1 all $(BUILD)/$1/alloc_failure $(BUILD)/$1/sockets.so

## thorough-bulk  bulk runs that are killed 50 times, and 10,000 updates to a failing vendor
thorough-bulk:
	@$(call thorough_build,lua5.4)
	@PB_KILLS=50 PB_UPDATES=10000 SPEC_TIMEOUT=3600 \
	  $(call thorough_specs,lua5.4,spec/bulk/each_kill_spec.lua spec/bulk/each_http_spec.lua)

## thorough-faults  the matrix of faults at every byte, over TLS too, and 1,500 rounds of the random specs
thorough-faults:
	@$(call thorough_build,lua5.4)
	@PB_THOROUGH=1 PB_ROUNDS=1500 SPEC_TIMEOUT=3600 \
	  $(call thorough_specs,lua5.4,spec/reliability/faults_spec.lua spec/core/record/property_spec.lua \
	    spec/record/update_property_spec.lua spec/record/changed_only_model_spec.lua spec/import/mutations_spec.lua)

## thorough-older  every spec on LuaJIT, Lua 5.1, 5.2 and 5.3
thorough-older:
	@$(MAKE) --no-print-directory -s -k SPECS=spec test-luajit $(OLDER:%=test-%)

## thorough-memory  all specs under valgrind and AddressSanitizer, each with Lua 5.4 and LuaJIT
thorough-memory:
	@status=0; for target in valgrind-lua5.4 valgrind-luajit asan-lua5.4 asan-luajit; do \
	  $(MAKE) --no-print-directory -s SPECS=spec $$target || status=1; \
	done; exit $$status

## thorough-rock  the rock for Lua 5.1 and 5.3
thorough-rock:
	@bin/test-rock lua5.1 lua5.3

## thorough-fuzz  fuzz-short, then each harness for THOROUGH_FUZZ_SECONDS (60), continuing from the last run
THOROUGH_FUZZ_SECONDS ?= 60
thorough-fuzz:
	@status=0; $(MAKE) --no-print-directory -s fuzz-short || status=1; \
	for harness in $(FUZZ); do \
	  FUZZ_SECONDS=$(THOROUGH_FUZZ_SECONDS) bin/try $@ "$$harness for $(THOROUGH_FUZZ_SECONDS) s" \
	    bin/fuzz long $(BUILD)/fuzz $$harness || status=1; \
	done; exit $$status

## memory      runs the memory checkers of make test: valgrind-lua5.4, asan-lua5.4
memory:
	@MAKE='$(MAKE)' bin/check -- valgrind-lua5.4 asan-lua5.4

checkable: all $(OUT)/leak.so $(OUT)/host $(HELPERS:%=$(OUT)/%)

$(OUT)/leak.so: spec/support/leak.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -fvisibility=default $(LINK:$(CC)%=%) -o $@ $<

# The sockets of the server that simulates the faults.
$(OUT)/sockets.so: spec/support/sockets.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -fvisibility=default $(LINK:$(CC)%=%) -o $@ $< -lssl -lcrypto

# A getaddrinfo that takes as long as a spec wants.
$(OUT)/lookups.so: spec/support/lookups.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -fvisibility=default $(LINK:$(CC)%=%) -o $@ $<

# A libcurl without TLS.
$(OUT)/no_tls.so: spec/support/no_tls.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) -fvisibility=default $(LINK:$(CC)%=%) -o $@ $<

$(OUT)/closing_host: spec/support/closing_host.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -o $@ $< $(shell bin/find-lua libs $(LUA)) -lpthread

$(OUT)/host: spec/support/host.c $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -o $@ $< $(shell bin/find-lua libs $(LUA))

# The core's objects in a separate program, which can refuse them memory.
$(OUT)/alloc_failure: spec/support/alloc_failure.c $(OBJECTS) $(OUT)/compile
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -o $@ $< $(OBJECTS) $(shell bin/find-lua libs $(LUA)) $(CURL_LIBS) -lm

# Every file of spec/fuzz is a harness: C, or a script for the C harness that embeds a Lua.
FUZZ := $(sort $(basename $(notdir $(wildcard spec/fuzz/*.c spec/fuzz/*.lua))))
# Their main program: one that reads input files, or libFuzzer's own.
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

# Those in C call plain C, which no Lua changes.
FUZZ_SCRIPTS := $(filter $(basename $(notdir $(wildcard spec/fuzz/*.lua))),$(FUZZ))

## fuzz-replay runs every harness on the inputs in the tree, on Lua 5.4, the scripts on LuaJIT, too; needs no clang
fuzz-replay:
	@status=0; replay() { lua=$$1; shift; $(MAKE) --no-print-directory -s -j$(JOBS) LUA=$$lua FUZZ="$$*" fuzz-harnesses && \
	  bin/fuzz replay $(BUILD)/$$lua "$$@" || status=1; }; \
	replay lua5.4 $(FUZZ); replay luajit $(FUZZ_SCRIPTS); exit $$status

## fuzz-short  fuzzes every harness for some seconds, always with the same inputs
fuzz-short:
	@$(MAKE) --no-print-directory -s -j$(JOBS) LUA=lua5.4 OUT=$(BUILD)/fuzz $(LIBFUZZER) fuzz-harnesses
	@bin/fuzz short $(BUILD)/fuzz $(FUZZ)

## fuzz        fuzzes each harness for FUZZ_SECONDS (300), continuing from the last run
FUZZ_SECONDS ?= 300
fuzz:
	@$(MAKE) --no-print-directory -s -j$(JOBS) LUA=lua5.4 OUT=$(BUILD)/fuzz $(LIBFUZZER) fuzz-harnesses
	@FUZZ_SECONDS=$(FUZZ_SECONDS) bin/fuzz long $(BUILD)/fuzz $(FUZZ)
	@$(MAKE) --no-print-directory -s FUZZ_SECONDS=$(FUZZ_SECONDS) fuzz-others

## fuzz-others compares JSON, schemas and patterns with Python's and JavaScript's for FUZZ_SECONDS each
fuzz-others: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && $(LUA_PROGRAM) spec/fuzz/others/run.lua $(FUZZ_SECONDS)

## fuzz-coverage shows how much of src the harnesses cover, with the inputs of the tree and of make fuzz
fuzz-coverage:
	@$(MAKE) --no-print-directory -s -j$(JOBS) LUA=lua5.4 OUT=$(BUILD)/coverage CC=clang \
	  CFLAGS='-O1 -g -fprofile-instr-generate -fcoverage-mapping' LDFLAGS='-fprofile-instr-generate' \
	  fuzz-harnesses
	@FUZZ_CORPUS=$(BUILD)/fuzz/corpus bin/fuzz coverage $(BUILD)/coverage $(FUZZ)

## rock        installs the rock for each Lua into a separate tree and uses it from there
rock:
	@bin/test-rock luajit lua5.5 lua5.4

## sandbox     starts the sandbox server in the foreground
sandbox: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && exec bin/patchbay-sandbox

## bench       measures, and prints ratios to the cost of plain programs
bench: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && LUA_PROGRAM='$(LUA_PROGRAM)' CC='$(CC)' \
	  CURL_CFLAGS='$(CURL_CFLAGS)' CURL_LIBS='$(CURL_LIBS)' bench/run

## format      formats the C sources as the lint requires
format:
	clang-format -i $(wildcard src/*.[ch] src/*/*.[ch] spec/support/*.[ch] spec/fuzz/*.c bench/*.[ch])

## docs        generates the reference, docs/errors.md and types/ from comments and descriptions
docs: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && $(LUA_PROGRAM) bin/docs
docs-check: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && $(LUA_PROGRAM) bin/docs --check

## man         writes docs/patchbay.1, the manual page of the command, from the list of its commands
man:
	@$(LUA_PROGRAM) bin/man

## pictures    draws docs/pictures/ out of runs against the sandbox
pictures: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && $(LUA_PROGRAM) bin/pictures

## site        builds the documentation site in build/site with MkDocs, and checks its links
site:
	@$(LUA_PROGRAM) bin/site

## reliability rewrites the tables in docs/reliability.md
reliability: all
	@eval "$$($(MAKE) -s --no-print-directory env)" && \
	  $(LUA_PROGRAM) spec/support/fault_table.lua docs/reliability.md

## rockspec    writes the tree's file lists into the rockspec
rockspec:
	bin/rockspec

## clean       removes everything that was built
# "luarocks make" leaves the other files in a checkout.
clean:
	rm -rf $(BUILD) patchbay src/*.o src/*/*.o

help:
	@echo 'make                 builds for Lua 5.4; make LUA=lua5.5, luajit, lua5.1, lua5.2, lua5.3 for others'
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST)) | \
	  while read -r target what; do printf 'make %-15s %s\n' "$$target" "$$what"; done
	@echo
	@echo 'SPECS="..." passes options or files to busted: make test-luajit SPECS="spec/core/json/json_decode_spec.lua"'

FORCE:

.PHONY: all redis install-redis env demo quick test thorough build-newer thorough-bulk thorough-faults thorough-older \
  thorough-rock \
  thorough-memory thorough-fuzz specs lint asan valgrind memory checkable fuzz-harnesses fuzz-replay fuzz-short \
  fuzz fuzz-others fuzz-coverage rock host-specs matrix matrix-stable sandbox bench format docs docs-check man pictures site reliability rockspec clean help FORCE
.DELETE_ON_ERROR:
