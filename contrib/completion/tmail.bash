# Completion of tmail for bash.

_tmail_routes_ids() {
	local i conf=()

	for ((i = 3; i < COMP_CWORD - 1; i++)); do
		case ${COMP_WORDS[i]} in
		-c | -conf | --conf) conf=(-c "${COMP_WORDS[i + 1]}") ;;
		esac
	done
	"${COMP_WORDS[0]}" routes list -q "${conf[@]}" 2>/dev/null | sed 's/ .*//'
}

_tmail() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words=
	local common='--conf --index --color --quiet --help --version'
	local edit='--no-compile --dry-run --show-secrets'
	local match='--destination --smtp-user --mail-from'
	local fields="$match --remote-host --remote-port --priority --weight --local-ip
		--remote-login --remote-passwd --password-file --tls --tls-name --helo
		--transport --reject --defer --comment"

	COMPREPLY=()
	case $prev in
	-c | -i | --conf | --index | --password-file | --ca-file)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--tls) words='off opportunistic required verified implicit' ;;
	--color) words='auto always never' ;;
	--log) words='syslog stderr none' ;;
	*)
		case $COMP_CWORD:${COMP_WORDS[1]}:${COMP_WORDS[2]} in
		1:*) words='routes route deliver --help --version' ;;
		*:deliver:*) words='--index --user --sender --helo --dns-server --ca-file --seed
			--timeout --log --queue-id --help' ;;
		2:*) words='list add set del compile check lookup verify --help' ;;
		*:list) words="$common $match --remote-host --json --show-secrets" ;;
		*:add) words="$common $edit $fields" ;;
		*:set) words="$common $edit $fields $(_tmail_routes_ids)" ;;
		*:del) words="$common $edit $(_tmail_routes_ids)" ;;
		*:compile | *:check) words="$common --json" ;;
		*:lookup) words="$common $match --explain --plan --seed --json --show-secrets" ;;
		*:verify) words="$common" ;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _tmail tmail
