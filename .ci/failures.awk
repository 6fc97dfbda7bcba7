# Reads what one suite of `./dev test` printed and says which tests failed: a line for each, and below it, indented, the
# first lines of its error. Knows cargo nextest, cargo test and vitest. Of a runner that names no test (it could not
# build, it was ended) the errors that it printed, or else its last words.
#
# Wants -v suite=NAME, and bytes (LC_ALL=C): mawk and gawk are to cut alike.

BEGIN {
  ERROR_LINES = 5
  ERROR_WIDTH = 180 # bytes
  LAST_LINES = 8
}

function cut(line) {
  if (length(line) <= ERROR_WIDTH) return line
  line = substr(line, 1, ERROR_WIDTH)
  sub(/[\300-\377][\200-\277]*$/, "", line) # no half of a character
  return line "…"
}

# Each test once: nextest shows it where it failed and in its summary.
function opens(name, how) {
  current = name
  reading = lines[name] ? "" : how
  if (name in named) return
  named[name] = ++count
  tests[count] = name
}

function tell(line) {
  if (lines[current] < ERROR_LINES) errors[current, ++lines[current]] = cut(line)
}

{
  gsub(/\033\[[0-9;]*m/, "")
  sub(/[ \t\r]+$/, "")
}

/^ FAIL  / { opens(substr($0, 8), "vitest"); next }
/⎯ Unhandled (Errors|Rejection)/ { opens("an error outside of the tests", "vitest"); next }
/^ +(FAIL|TIMEOUT|ABORT|SIG[A-Z]+) \[/ {
  sub(/^[^]]*\] +(\( *[0-9]+\/[0-9]+\) +)?/, "")
  opens($0, "rust")
  next
}
/^---- .* stdout ----$/ { opens(substr($0, 6, length($0) - 17), "rust"); next }

# Where it stands.
reading == "vitest" && /^ ❯ / && !(current in place) { place[current] = $0 }

# Where a test's own output ends.
/^ *Summary \[/ || /^test result: / || /^failures:$/ || /^⎯/ || /^ *❯ / { reading = "" }

reading == "vitest" && NF { tell($0) }

# Of a Rust test the panics' words, not the output before them and not the stack.
reading == "rust" && /panicked at / { panics = 1 }
reading == "rust" && (/^ *stack backtrace:$/ || /^ *note: / || !NF) { panics = 0 }
reading == "rust" && (panics || /^ *Error: /) { sub(/^ +/, ""); tell($0) }

NF && !/^npm (warn|error)/ && !/ · repeat it: / { last[++seen % LAST_LINES] = $0 }
/^error/ || follows { follows = /^error/; if (built < LAST_LINES) compiler[++built] = $0 }

END {
  for (i = 1; i <= count; i++) {
    print "✗ " suite ": " tests[i]
    for (j = 1; j <= lines[tests[i]]; j++) print "    " errors[tests[i], j]
    if (tests[i] in place) print "   " cut(place[tests[i]])
  }
  if (count) exit
  print "✗ " suite ": no test is named; it said:"
  for (i = 1; i <= built; i++) print "    " cut(compiler[i])
  if (built) exit
  for (i = seen < LAST_LINES ? 1 : seen - LAST_LINES + 1; i <= seen; i++) print "    " cut(last[i % LAST_LINES])
}
