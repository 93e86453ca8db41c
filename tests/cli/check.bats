# check for pipelines: its formats, standard input, what fails it, and warnings that are meant.

load helper

# faulty - one of everything: an error with a note, one with help, a warning, wide characters.
faulty() {
	conf 'relay r r.example' 'route 1 to a.example via h' 'route 1 to "ü🦊.example" via h' \
	    'list "ü" x  vai' "route to b.example port 7 vai 'x' # ü"
	printf 'rout\n' >>routes.conf
}

# input COMMAND... - exits, with standard input left as it is.
input() {
	local code=0

	"$TMAIL" routes "${@:2}" >out 2>err || code=$?
	[ "$code" -eq "$1" ] || { echo "exit code $code, not $1: ${*:2}"; cat out err; return 1; }
}

@test "FILE in the place of --conf, with the index beside it" {
	conf 'route via mx'
	exits 0 compile
	cp routes.conf other.conf
	echo '#' >>routes.conf
	exits 0 check
	grep -q 'routes.idx is stale' err
	exits 0 check other.conf
	[ ! -s err ]
	exits 0 check routes.conf
	grep -q 'routes.idx is stale' err
	TMAIL_ROUTES_INDEX=other.idx exits 0 check routes.conf
	grep -q 'routes.idx is stale' err
	exits 0 check other.conf -i routes.idx
	exits 66 check none.conf
	exits 64 check -c routes.conf other.conf
	exits 64 check routes.conf other.conf
	exits 64 check ''
	"$TMAIL" routes check <(echo 'route vai mx') 2>err || [ $? = 65 ]
	grep -q ':1:7: error: ' err
}

@test "standard input" {
	input 65 check - <<<'route vai mx'
	grep -q '^-:1:7: error: ' err
	echo 'route vai mx' >a.conf
	input 65 check - <a.conf
	grep -q '^-:1:7: error: ' err
	input 66 check - <&-
	input 0 check - </dev/null
	grep -q '^-:1:1: warning: .*\[empty\]' err
	[ ! -e -.idx ]
	conf 'route via mx'
	exits 0 compile
	echo 'route via h' >>routes.conf
	# The index is that of what is saved.
	input 0 check - --stdin-name routes.conf <<<'route via mx'
	[ ! -s err ]
}

@test "standard input by a name: includes are looked for beside it" {
	mkdir d
	echo 'relay r r.example' >d/inc.conf
	input 0 check - --stdin-name d/new.conf <<<$'include "inc.conf"\nroute via @r'
	[ ! -s err ]
	[ ! -e d/new.conf ]
	input 65 check --stdin-name d/new.conf --json - <<<$'include "none.conf"\nroute via @r'
	[ "$(jq -r .file out)" = d/new.conf ]
	# It stands for the file, also where others include that.
	echo 'route vai mx' >d/inc.conf
	input 0 check - --stdin-name d/inc.conf <<<'route via mx'
	echo 'route via mx' >routes.conf
	input 65 check - --stdin-name routes.conf <<<'route vai mx'
	grep -q '^routes.conf:1:7: error' err
	input 65 check - <<<$'include "d/inc.conf"'
	input 64 check --stdin-name x.conf
	input 64 check --stdin-name x.conf routes.conf
	input 64 check --stdin-name '' -
	input 64 check -c routes.conf -
}

@test "JSON: what it was, and notes" {
	faulty
	exits 65 check --format json
	cp out json
	exits 65 check --json
	cmp json out
	exits 65 check --json --format json
	[ ! -s err ]
	jq -es 'all(keys_unsorted == ["file", "line", "column", "end_line", "end_column", "severity",
		"slug", "message", "help", "note", "notes"])' out
	jq -es 'all((.note == null) == (.notes == [])) and any(.notes != [])' out
	[ "$(jq -c 'select(.slug == "duplicate-id") | [.line, .column, .end_line, .end_column,
		.notes[0].file, .notes[0].line, .notes[0].column]' out)" = '[3,7,3,8,"routes.conf",2,7]' ]
	# The column behind the last character, in characters.
	conf 'route to "üx" via h port 99999'
	exits 65 check --format json
	[ "$(jq -c '[.column, .end_column]' out)" = '[26,31]' ]
	conf 'expect to a@b.example via h' 'route to c.example via h'
	exits 65 check --json
	[ "$(jq -c '.notes[0] | [.file, .line, .column]' out)" = '[null,null,null]' ]
}

@test "GitHub: escaped, errors first, warnings not with -q" {
	conf 'relay unused h' 'route to a.example via h,i' 'relay unused2 h%'
	exits 65 check --format github
	[ ! -s err ]
	conf 'relay unused h' 'route to a.example via h weight 2'
	mkdir 'a,b:c%'
	printf 'relay unused h\nrout\n' >'a,b:c%/x.conf'
	exits 65 check --format github 'a,b:c%/x.conf'
	holds out "::error file=a%2Cb%3Ac%25/x.conf,line=2,col=1,endLine=2,endColumn=5,title=unknown-keyword::unknown keyword 'rout'"
	conf 'route to 100%,x via h' 'rout: to a via h'
	exits 65 check --format github
	[ "$(sed 's/.*::\(.*\)/\1/' out | head -n 1)" = "'100%25' is not a domain" ]
	conf 'relay unused h' 'route via h port 465'
	exits 0 check --format github
	[ "$(cut -d ' ' -f 1 out | uniq -c | xargs)" = '2 ::warning' ]
	exits 0 check --format github -q
	[ ! -s out ]
	exits 0 check --format github --color always
	! grep -q $'\x1b' out || false
	# Control bytes of a name neither act nor end a line.
	printf 'rout\n' >$'x\n::error::y\x1b[1m.conf'
	exits 65 check --format github $'x\n::error::y\x1b[1m.conf'
	[ "$(wc -l <out)" -eq 1 ]
	grep -q '^::error file=x?%3A%3Aerror%3A%3Ay?\[1m.conf,line=1' out
}

@test "errors stand before warnings" {
	# An expectation fails where all else is judged, and warned of, already.
	conf 'relay unused h' 'route via h' 'expect to a@b.example mx'
	exits 65 check --format github
	[ "$(cut -d ' ' -f 1 out | xargs)" = '::error ::warning' ]
	exits 65 check --format json
	[ "$(jq -r .severity out | xargs)" = 'warning error' ]
}

# sarif FILE - what the schema of SARIF 2.1.0 asks for, and no property that it does not know.
sarif() {
	jq -e '
	def only(names): (keys - names) == [];
	def text: only(["text"]) and (.text | type == "string" and length > 0);
	def place: only(["physicalLocation", "message"]) and
		(.physicalLocation | only(["artifactLocation", "region"]) and
		(.artifactLocation | only(["uri"]) and (.uri | test("^[A-Za-z0-9%._~/:-]+$"))) and
		(.region | only(["startLine", "startColumn", "endLine", "endColumn"]) and
			all(.[]; . >= 1) and .endLine >= .startLine and
			(.endLine > .startLine or .endColumn >= .startColumn))) and
		(.message == null or (.message | text));
	only(["$schema", "version", "runs"]) and .version == "2.1.0" and
	(.["$schema"] | endswith("sarif-2.1.0.json")) and (.runs | length == 1) and (.runs[0] |
		only(["tool", "columnKind", "results"]) and .columnKind == "unicodeCodePoints" and
		(.tool.driver | only(["name", "version", "rules"]) and
			(.rules | unique_by(.id) | length > 60) and (.rules | all(
				only(["id", "shortDescription", "help", "defaultConfiguration"]) and
				(.help | text) and (.shortDescription | text) and
				(.defaultConfiguration.level | IN("error", "warning"))))) and
		(.tool.driver.rules as $rules | .results | type == "array" and all(
			only(["ruleId", "ruleIndex", "level", "message", "locations",
				"relatedLocations", "properties"]) and
			$rules[.ruleIndex].id == .ruleId and
			$rules[.ruleIndex].defaultConfiguration.level == .level and
			(.message | text) and (.locations | length == 1 and all(place)) and
			((.relatedLocations // []) | all(place)))))' "$1" >/dev/null
}

@test "SARIF 2.1.0" {
	faulty
	exits 65 check --format sarif
	[ ! -s err ]
	sarif out
	cp out log
	exits 65 check --format json
	# The same as JSON says.
	diff <(jq -c '.runs[].results[] | [.locations[0].physicalLocation.artifactLocation.uri,
		(.locations[0].physicalLocation.region | .startLine, .startColumn, .endLine, .endColumn),
		.level, .ruleId, .message.text, .properties.help,
		.relatedLocations[0].message.text]' log) \
	    <(jq -c '[.file, .line, .column, .end_line, .end_column, .severity, .slug, .message, .help,
		.notes[0].message]' out)
	jq -e '[.runs[].results[] | select(.relatedLocations != null)] | length > 0' log
	conf 'route via mx'
	exits 0 check --format sarif
	sarif out
	jq -e '.runs[0].results == []' out
	# The check of the test.
	jq -c '.runs[0].results = [{"message":{"text":"x"}}]' out >wrong
	! sarif wrong || false
	jq -c '.runs[0].extra = 1' out >wrong
	! sarif wrong || false
}

@test "SARIF: names as relative URIs" {
	mkdir 'a b'
	printf 'rout\n' >'a b/100%ü.conf'
	uri='.runs[].results[].locations[].physicalLocation.artifactLocation.uri'
	exits 65 check --format sarif 'a b/100%ü.conf'
	sarif out
	[ "$(jq -r "$uri" out)" = 'a%20b/100%25%C3%BC.conf' ]
	exits 65 check --format sarif "$PWD/a b/100%ü.conf"
	[ "$(jq -r "$uri" out)" = 'a%20b/100%25%C3%BC.conf' ]
	cd 'a b'
	exits 65 check --format sarif ../'a b'/100%ü.conf
	[ "$(jq -r "$uri" out)" = '../a%20b/100%25%C3%BC.conf' ]
	exits 65 check --format sarif "$(cd .. && pwd)/a b/../a b/100%ü.conf"
	input 65 check --format sarif - <100%ü.conf
	[ "$(jq -r "$uri" out)" = stdin ]
	cd /
	exits_here=$(cd "$OLDPWD" && pwd)
	"$TMAIL" routes check --format sarif "$exits_here/100%ü.conf" >"$exits_here/out" || [ $? = 65 ]
	[ "/$(jq -r "$uri" "$exits_here/out" | sed 's/%20/ /g; s/%25/%/g; s/%C3%BC/ü/')" = "$exits_here/100%ü.conf" ]
	# Nor is there an absolute one of what is not below this directory.
	cd "$exits_here"
	mkdir -p ../ab/c ../d && cd ../ab/c
	cp "$exits_here/100%ü.conf" ../../d/x.conf
	for name in ../../d/x.conf "$(realpath ../../d/x.conf)"; do
		exits 65 check --format sarif "$name"
		[ "$(jq -r "$uri" out)" = ../../d/x.conf ]
	done
	cp ../../d/x.conf ../../abc.conf
	exits 65 check --format sarif "$(realpath ../../abc.conf)"
	[ "$(jq -r "$uri" out)" = ../../abc.conf ]
}

@test "for programs all errors, for people twenty" {
	for n in $(seq 1500); do echo "rout $n"; done >routes.conf
	exits 65 check
	[ "$(grep -c ': error: ' err)" -eq 20 ]
	for format in json github; do
		exits 65 check --format $format
		[ "$(wc -l <out)" -eq 1500 ]
		[ ! -s err ]
	done
	exits 65 check --format sarif
	[ "$(jq '.runs[0].results | length' out)" -eq 1500 ]
	exits 65 compile --json
	[ "$(jq -s 'map(.line) == [range(1; 1501)]' out)" = true ]
	# Warnings, too, and those that are found out of order.
	for n in $(seq 60 -1 1); do
		echo "relay r$n h"
		echo "route to x$n.example via h weight 2"
	done >routes.conf
	exits 0 check --json
	jq -es 'length == 120 and (map(.line) | . == sort)' out
	# No more than anybody could read.
	for n in $(seq 10100); do echo "rout $n"; done >routes.conf
	exits 65 check --json
	[ "$(wc -l <out)" -ge 10000 ]
	grep -q 'more than 10000 errors' err
}

@test "formats for programs leave the stale index out" {
	conf 'route via mx'
	exits 0 compile
	echo 'route via h' >>routes.conf
	for format in json github sarif; do
		exits 0 check --format $format
		[ ! -s err ]
		! grep -q stale out || false
	done
	exits 0 check --format human
	grep -q stale err
}

@test "--fail-level" {
	conf 'relay unused h' 'route via mx'
	exits 0 check
	exits 0 check --fail-level error
	exits 65 check --fail-level warning
	grep -q ': warning: ' err
	exits 65 check --fail-level=warning -q
	[ ! -s err ]
	exits 65 check --fail-level warning --format sarif
	conf 'route via mx'
	exits 0 check --fail-level warning
	conf 'relay unused h # allow unused-relay' 'route via mx'
	exits 0 check --fail-level warning
	exits 64 check --fail-level warn
	exits 64 check --fail-level ''
}

@test "wrong formats" {
	conf 'route via mx'
	exits 64 check --format jsom
	grep -q "did you mean 'json'" err
	exits 64 check --format xml
	exits 64 check --json --format sarif
	exits 64 check --format ''
}

@test "a comment allows warnings of its statement, and of no other" {
	conf 'relay a h # allow unused-relay' 'relay b h' 'route via mx'
	exits 0 check
	[ "$(grep -c ': warning: ' err)" -eq 1 ]
	grep -q "relay 'b'" err
	exits 0 compile
	[ "$(grep -c ': warning: ' err)" -eq 1 ]
	# Each of many is found, whatever stands around it.
	rm routes.idx
	for n in $(seq 100); do
		printf 'relay r%s h%s\n' "$n" "$([ $((n % 7)) = 0 ] || echo ' \
 # allow unused-relay')"
	done >routes.conf
	echo 'route via mx' >>routes.conf
	exits 0 check
	[ "$(grep -c ': warning: ' err)" -eq 14 ]
	! grep -q idle-allow err || false
}

@test "a comment that allows nothing is told by whoever could have warned" {
	conf 'route via h login x password-file "/nowhere" # allow unusable-password-file'
	exits 0 check
	[ ! -s err ]
	exits 0 compile
	[ ! -s err ]
	echo s3cret >password
	conf "route via h login x password-file \"$PWD/password\" # allow unusable-password-file"
	exits 0 check
	grep -q 'idle-allow' err
	exits 0 compile
	[ ! -s err ]
	rm routes.idx
	conf 'route via h' 'route via i # allow unweighted'
	exits 0 check
	[ ! -s err ]
	exits 0 check --strict
	[ ! -s err ]
	conf 'route via h # allow unweighted'
	exits 0 check --strict
	grep -q 'idle-allow' err
	# An edit says what it leaves behind.
	conf 'relay r h # allow unused-relay' 'route 1 via mx'
	exits 0 set 1 -rh @r
	grep -q 'idle-allow' err
	exits 0 set 1 -p 2
	[ ! -s err ]
}

@test "what is allowed is shown, and what stands behind it is not" {
	conf 'relay r h login x password-file "/no" # allow unusable-password-file, unused-relay' 'route via mx'
	exits 0 list --relays --json
	[ "$(jq -r .comment out)" = 'allow unusable-password-file, unused-relay' ]
	exits 0 check
	[ ! -s err ]
	conf 'route via h weight 2 # allow readable-password s3cret' 'route to a via h weight 2 # allow password s3cret'
	exits 0 check
	grep -q 'idle-weight' err
	! grep -q s3cret err || false
	exits 0 list --json
	! grep -q s3cret out || false
}

@test "that there are no routes is allowed by the first statement, wherever it begins" {
	for before in '' ' ' '# Nothing yet.\n' 'relay b b.example # allow unused-relay\n\n'; do
		printf "$before"'relay a a.example # allow unused-relay,empty\n' >routes.conf
		exits 0 check
		[ "${before:0:5}" = relay ] || [ ! -s err ] || { cat err; false; }
	done
	grep -q '^routes.conf:1:1: warning: there are no routes.*\[empty\]$' err
	printf '# Nothing yet.\n\n relay a a.example # allow unused-relay\n' >routes.conf
	exits 0 check
	grep -q '^routes.conf:3:2: warning: there are no routes.*\[empty\]$' err
	# An include is a statement of the file it stands in, whatever there is to include.
	mkdir routes.d
	for line in '' '# Nothing.' 'relay a a.example # allow unused-relay'; do
		echo "$line" >routes.d/a.conf
		printf '# Routes.\ninclude "routes.d/*.conf" # allow empty\n' >routes.conf
		exits 0 check
		[ ! -s err ] || { cat err; false; }
	done
}

@test "an error is never allowed" {
	conf 'route via h port 0 # allow bad-port'
	fails 65 bad-port check
	conf 'route vai h # allow unknown-keyword'
	fails 65 unknown-keyword check
}
