# What contrib/ has for editors, hooks and pipelines: each recipe run as far as it goes here.

bats_require_minimum_version 1.5.0

setup() {
	CONTRIB=$(realpath "$BATS_TEST_DIRNAME/../../contrib")
	export PATH=$(dirname "$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")"):$PATH
	export HOME=$BATS_TEST_TMPDIR GIT_CONFIG_NOSYSTEM=1 TERM=dumb
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
	cd "$BATS_TEST_TMPDIR"
}

needs() {
	type -P "$1" >/dev/null || skip "needs $1"
}

# faulty - a configuration with two errors and a warning, and what is wrong where.
faulty() {
	printf '%s\n' '# größer' 'route 1 to grüße.example via h prot 25' '' \
		'	route 2 to b.example via h wieght 3' >routes.conf
	tmail routes check --format json routes.conf >faults || [ $? = 65 ]
	[ "$(jq -c '[.line, .column, .end_column]' faults | paste -sd ' ')" = '[2,32,36] [4,29,35]' ]
}

# warned - one with a warning alone.
warned() {
	printf '%s\n' 'relay unused h.example' 'route 1 via h' >routes.conf
}

@test "vim: :make fills the quickfix list" {
	needs vim
	faulty
	cat >make.vim <<-END
		execute 'set runtimepath^=' . fnameescape('$CONTRIB/vim')
		edit routes.conf
		compiler tmailroutes
		silent make
		call writefile(map(getqflist(), 'bufname(v:val.bufnr) . ":" . v:val.lnum . ":" . v:val.col . ":" . v:val.type . ":" . v:val.text'), 'list')
		quit!
	END
	vim -N -es -u NONE --not-a-term -S make.vim </dev/null >/dev/null
	jq -r '"\(.file):\(.line):\(.column):e:\(.message) [\(.slug)]"' faults | diff - list
	warned
	vim -N -es -u NONE --not-a-term -S make.vim </dev/null >/dev/null
	grep -q '^routes.conf:1:7:w:.*\[unused-relay\]$' list
	[ "$(wc -l <list)" = 1 ]
}

@test "vim: ALE gets what is in the buffer" {
	needs vim
	faulty
	mkdir -p stub/autoload/ale
	# What ALE does with a linter, but for the waiting.
	cat >stub/autoload/ale/linter.vim <<-'END'
		function! ale#linter#Define(filetype, linter) abort
			let g:linter = extend({'filetype': a:filetype}, a:linter)
		endfunction
	END
	cat >ale.vim <<-END
		set encoding=utf-8
		execute 'set runtimepath^=' . fnameescape('$CONTRIB/vim') . ',stub'
		edit routes.conf
		runtime ale_linters/tmailroutes/tmail.vim
		let command = substitute(g:linter.command, '%e', g:linter.executable, '')
		let command = substitute(command, '%s', shellescape(expand('%:p')), '')
		call append('\$', '# not saved')
		call setline(1, 'route 9 via h tsl off')
		let out = systemlist(command, join(getline(1, '\$'), "\n"))
		call writefile(map(call(g:linter.callback, [bufnr(''), out]), 'json_encode(v:val)'), 'list')
		call writefile([g:linter.filetype], 'type')
		quit!
	END
	vim -N -es -u NONE --not-a-term -S ale.vim </dev/null >/dev/null
	[ "$(cat type)" = tmailroutes ]
	[ "$(jq -c '[.lnum, .col, .end_lnum, .end_col, .type, .code]' list)" = '[1,15,1,17,"E","unknown-option"]
[2,34,2,37,"E","unknown-option"]
[4,29,4,34,"E","unknown-option"]' ]
	[ "$(jq -r .text list | head -n 1)" = "unknown option 'tsl': did you mean 'tls'?" ]
}

# in_emacs EXPRESSION... - evaluates them in a batch.
in_emacs() {
	local arguments=()

	for expression; do arguments+=(--eval "$expression"); done
	emacs -Q -batch -l "$CONTRIB/emacs/tmail-routes.el" "${arguments[@]}" 2>err
}

@test "Emacs: M-x compile knows the places" {
	needs emacs
	faulty
	in_emacs '(progn
		(require (quote compile))
		(setq compilation-error-screen-columns nil)
		(with-current-buffer (get-buffer-create "*compilation*")
		  (insert "tmail routes check routes.conf\n\n")
		  (call-process "tmail" nil t nil "routes" "check" "routes.conf")
		  (compilation-mode)
		  (goto-char (point-min)))
		(dotimes (_ 2)
		  (next-error)
		  (with-current-buffer (find-buffer-visiting "routes.conf")
		    (princ (format "%s:%d:%d\n" (buffer-name) (line-number-at-pos)
		      (1+ (- (point) (line-beginning-position))))))))' >list || { cat err; false; }
	jq -r '"\(.file):\(.line):\(.column)"' faults | diff - list
}

@test "Emacs: flymake shows what is in the buffer" {
	needs emacs
	faulty
	in_emacs '(progn
		(find-file "routes.conf")
		(princ (format "%s\n" major-mode))
		(insert "route 9 via h tsl off\n")
		(let ((done nil))
		  (tmail-routes-flymake (lambda (found &rest _) (setq done (list found))))
		  (while (not done) (accept-process-output nil 0.1))
		  (dolist (d (car done))
		    (princ (format "%d:%s:%s:%s\n" (line-number-at-pos (flymake-diagnostic-beg d))
		      (buffer-substring (flymake-diagnostic-beg d) (flymake-diagnostic-end d))
		      (flymake-diagnostic-type d) (flymake-diagnostic-text d)))))
		(set-buffer-modified-p nil))' >list || { cat err; false; }
	diff - list <<-'END'
		tmail-routes-mode
		1:tsl::error:unknown option 'tsl': did you mean 'tls'? [unknown-option]
		3:prot::error:unknown option 'prot': did you mean 'port'? [unknown-option]
		5:wieght::error:unknown option 'wieght': did you mean 'weight'? [unknown-option]
	END
	cp "$CONTRIB/emacs/tmail-routes.el" .
	emacs -Q -batch -f batch-byte-compile tmail-routes.el 2>err || { cat err; false; }
	! grep -i warning err || false
}

@test "VS Code: the problem matcher takes each fault once" {
	faulty
	jq -r '.tasks[0].problemMatcher.pattern.regexp' "$CONTRIB/vscode/tasks.json" >regexp
	# The command of the task, with the file in its place.
	mapfile -t command < <(jq -r '.tasks[0] | .command, .args[]' "$CONTRIB/vscode/tasks.json")
	run -65 "${command[@]/'${file}'/routes.conf}"
	perl -ne 'BEGIN { open(my $in, "<", "regexp"); chomp($r = <$in>) }
		print "$1:$2:$3:$4:$5:$6\n" if /$r/' <<<"$output" >list
	jq -r '"\(.file):\(.line):\(.column):\(.severity):\(.message):\(.slug)"' faults | diff - list
	jq -e '.tasks[0].problemMatcher.pattern | [.file, .line, .column, .severity, .message, .code] == [1, 2, 3, 4, 5, 6]' \
		"$CONTRIB/vscode/tasks.json"
}

# hook ID FILE... - runs a hook as pre-commit does: its entry, its args and the files that it takes.
hook() {
	perl -MText::ParseWords -e '
		my ($id, @files) = @ARGV;
		open(my $in, "<", $ENV{HOOKS}) or die;
		my ($at, %hook) = "";
		while (<$in>) {
			$at = $1 if /^- id: (\S+)/;
			$hook{$1} = $2 if $at eq $id && /^  (\w+): (.*)/;
		}
		$hook{language} eq "system" or die "no such hook\n";
		my @args = grep { length } split /, |[\[\]]/, $hook{args} // "";
		@files = grep { /$hook{files}/ } @files or exit;
		@files = () if ($hook{pass_filenames} // "") eq "false";
		system(shellwords($hook{entry}), @args, @files);
		exit($? >> 8 || $? & 127)' "$@"
}

@test "pre-commit: the hooks" {
	export HOOKS=$CONTRIB/../.pre-commit-hooks.yaml
	mkdir routes.d
	printf '%s\n' 'include "routes.d/x.conf"' 'route 1 to a.example via h' 'expect to a@b.example via h' >routes.conf
	echo 'route 2  via "h"' >routes.d/x.conf
	all='README routes.conf routes.d/x.conf other.conf'
	run -0 hook tmail-check $all
	[ -z "$output" ]
	run -0 hook tmail-test $all
	[ "$output" = '1 passed, 0 failed' ]
	echo 'route 3  via h' >other.conf
	run -0 hook tmail-fmt $all
	[ "$(cat routes.d/x.conf other.conf)" = $'route 2 via h\nroute 3  via h' ]
	# A file that is included is changed, and the one that includes it checked.
	sed -i 's/via h/via i/' routes.d/x.conf
	run -0 hook tmail-check README
	run hook tmail-check routes.d/x.conf
	[ "$status" = 65 ]
	[[ $output == 'routes.conf:3:27: error: '* ]]
	run -1 hook tmail-test routes.d/x.conf
	echo 'route 3 vai h' >>routes.d/x.conf
	run hook tmail-fmt $all
	[ "$status" = 65 ]
	[ "$(grep -c '^- id: ' "$HOOKS")" = 3 ]
}

# steps FILE - the commands of a pipeline, each as one line of shell: those of GitHub behind "run:",
# those of GitLab below "script:".
steps() {
	awk '
		/^ *- name: / { name = $3 }
		/^ *run: \|/ { match($0, /^ */); indent = RLENGTH; block = 1; next }
		block { match($0, /^ */); if (RLENGTH > indent) { print name "\t" substr($0, indent + 3); next } block = 0 }
		/^ *run: / { sub(/^ *run: /, ""); print name "\t" $0 }
		/^ *script:/ { script = 1; next }
		script && /^ *- / { sub(/^ *- /, ""); print "script\t" $0; next }
		{ script = 0 }' "$1"
}

# repository - one of two commits, the second of which sends mail for a.example elsewhere.
repository() {
	git init -q -b main .
	git config user.email a@example.org
	git config user.name a
	mkdir -p routes.d
	printf '%s\n' 'include "routes.d/x.conf"' 'expect to bob@b.example via i.example' >routes.conf
	printf '%s\n' 'route 1 to a.example via h.example' 'route 2 via i.example' >routes.d/x.conf
	git add . && git commit -qm one
	BASE=$(git rev-parse HEAD)
	sed -i 's/h.example/j.example/' routes.d/x.conf
	git commit -qam two
	export BASE CI_MERGE_REQUEST_DIFF_BASE_SHA=$BASE GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
}

# pipeline FILE - runs its steps, up to the first that fails; each name and code.
pipeline() {
	local name

	steps "$CONTRIB/ci/$1" | cut -f 1 | uniq >names
	while read -r name; do
		steps "$CONTRIB/ci/$1" | sed -n "s/^$name	//p" >step.sh
		bash --noprofile --norc -eo pipefail step.sh || { echo "$name: $?"; return; }
	done <names
	echo "all: 0"
}

@test "GitHub: the workflow checks, tests and compares" {
	repository
	[ "$(steps "$CONTRIB/ci/github.yml" | cut -f 1 | uniq | paste -sd ' ')" = 'check fmt test diff' ]
	run pipeline github.yml
	[ "${lines[-1]}" = 'all: 0' ]
	grep -q '<testsuite .*tests="1" failures="0"' report.xml
	grep -q 'a\.example' summary
	grep -q 'j\.example' summary
	git worktree list | grep -q /base
	echo 'expect to bob@b.example via h.example' >>routes.conf
	run pipeline github.yml
	[[ ${lines[0]} == '::error file=routes.conf,line=3,'*'title=expectation::'* ]]
	[ "${lines[-1]}" = 'check: 65' ]
	git checkout -q routes.conf
	echo 'route 3  to c.example via h.example' >>routes.conf
	run pipeline github.yml
	[ "${lines[-1]}" = 'fmt: 1' ]
	grep -qx '+route 3 to c.example via h.example' <<<"$output"
	printf 'route via i.example\n' >routes.conf
	run pipeline github.yml
	[ "${lines[-1]}" = 'test: 1' ]
}

@test "GitLab: the job checks, tests and compares" {
	repository
	run pipeline gitlab.yml
	[ "${lines[-1]}" = 'all: 0' ]
	grep -q 'a\.example' <<<"$output"
	grep -q 'j\.example' <<<"$output"
	grep -q '<testsuite .*tests="1" failures="0"' report.xml
	# A runner that kept the repository, but not what it put there.
	rm -r base report.xml
	run pipeline gitlab.yml
	[ "${lines[-1]}" = 'all: 0' ]
	sed -i 's/via i.example/vai i.example/' routes.d/x.conf
	run pipeline gitlab.yml
	[ "${lines[-1]}" = 'script: 65' ]
	grep -q '^routes.d/x.conf:2:9: error: ' <<<"$output"
}
