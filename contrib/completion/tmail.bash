# Completion of tmail for bash.

_tmail_conf() {
	local i

	for ((i = 3; i < COMP_CWORD - 1; i++)); do
		case ${COMP_WORDS[i]} in
		-c | -conf | --conf) echo "${COMP_WORDS[i + 1]}" && return ;;
		esac
	done
	echo "${TMAIL_ROUTES_CONF:-/etc/tmail/routes.conf}"
}

# list refuses a configuration with errors: then what its own lines say, and the last index.
_tmail_list() {
	local conf

	conf=$(_tmail_conf)
	"${COMP_WORDS[0]}" routes list -q -c "$conf" "$@" 2>/dev/null && return
	case $1 in
	'')
		sed -n 's/^[[:blank:]]*route[[:blank:]]\{1,\}\([0-9]\{1,\}\)[[:blank:]].*/\1 -/p' "$conf"
		"${COMP_WORDS[0]}" routes list -q -i "${conf%.conf}.idx"
		;;
	--relays) sed -n 's/^[[:blank:]]*relay[[:blank:]]\{1,\}\([^[:blank:]]*\)[[:blank:]].*/\1 -/p' "$conf" ;;
	esac 2>/dev/null
}

_tmail_ids() {
	_tmail_list | sed -n 's/^\([0-9]*\) -.*/\1/p' | sort -u
}

# Of the words of a file only what compgen does not expand.
_tmail_relays() {
	_tmail_list --relays | sed -n 's/^\([[:alnum:]._-]*\) -.*/@\1/p'
}

_tmail_transports() {
	_tmail_list --json | sed -n 's/.*"transport":"\([[:alnum:]._:-]*\)".*/\1/p' | sort -u
}

_tmail() {
	local cur=$2 i=$((COMP_CWORD - 1)) words=
	local common='--conf --index --color --quiet --help --version'
	local edit='--no-compile --no-expect --dry-run --max-change --show-secrets'
	local match='--destination --smtp-user --mail-from'
	local fields="$match -rh -rp -rl -rpwd --remote-host --remote-port --priority --weight
		--local-ip --remote-login --remote-passwd --password-file --token-file --auth
		--family --tls --tls-name --tls-cert --tls-ca --mail-from-as --connections --rate
		--helo --transport --reject --defer --discard --comment"

	# Bash takes the signs of --tls=re and @acme for words of their own.
	while [[ ${COMP_WORDS[i]} == [=@]* ]]; do
		((i--))
	done
	COMPREPLY=()
	case ${COMP_WORDS[i]} in
	-c | -i | --conf | --index | --password-file | --token-file | --tls-cert | --tls-ca | --ca-file | \
		--stdin-name | --samples)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--map)
		words='transport= sender-relay= sender-transport= sasl= tls-policy= master= main= smtproutes=
			authsenders= mailertable= access= route_list= hubbed_hosts= passwd.client='
		compopt -o nospace 2>/dev/null
		;;
	--secrets | --config) words=$(compgen -d -- "$cur") ;;
	--tls) words='off opportunistic required verified implicit' ;;
	--format)
		case ${COMP_WORDS[2]} in
		test) words='human tap junit json' ;;
		check) words='human json github sarif' ;;
		diff) words='human json markdown' ;;
		doctor) words='human json' ;;
		*) words=4 ;;
		esac
		;;
	--fail-level) words='error warning' ;;
	--on-conflict) words='defer first last' ;;
	--as) words='postfix exim' ;;
	--family) words='ipv4 ipv6 prefer-ipv4 prefer-ipv6' ;;
	--auth) words='plain login cram-md5 xoauth2 oauthbearer external' ;;
	--color) words='auto always never' ;;
	--chroot) words='y n' ;;
	--max-change) words=any ;;
	--log) words='syslog stderr none' ;;
	-rh | --rh | -remote-host | --remote-host) words="mx $(_tmail_relays)" ;;
	--transport) words="smtp $(_tmail_transports)" ;;
	-q | -h | --quiet | --help | --version | --json | --wide | --check | --diff | --write | --strict | --source | --no-compile | --no-expect | --dry-run | --discard | --coverage | \
		--show-secrets | --explain | --plan | --main | --master | --exit-code | --prometheus | - | [!-]*)
		case $COMP_CWORD:${COMP_WORDS[1]}:${COMP_WORDS[2]} in
		1:*) words='routes route deliver --help --version' ;;
		*:deliver:*) words='--index --user --sender --helo --dns-server --ca-file --seed --seed-from
			--timeout --log --queue-id --state --wait --penalty --help --version' ;;
		2:*) words='list show add set del number compile check fmt test lookup diff import verify stats serve export doctor --help' ;;
		*:list) words="$common $match -rh --remote-host --relays --json --wide --show-secrets" ;;
		*:show) words="$common --json --show-secrets $(_tmail_ids)" ;;
		*:add) words="$common $edit $fields --relay" ;;
		*:set) words="$common $edit $fields $(_tmail_ids) $(_tmail_relays)" ;;
		*:del) words="$common $edit $(_tmail_ids) $(_tmail_relays)" ;;
		*:number) words="$common $edit" ;;
		*:compile) words="$common --json --format --no-expect --max-change" ;;
		*:check)
			words="$common --json --format --fail-level --stdin-name --strict --no-expect"
			[[ $cur == -* ]] || words="- $(compgen -f -- "$cur")"
			;;
		*:test) words="$common --json --format --coverage --fail-under $(compgen -f -- "$cur")" ;;
		*:fmt)
			words="$common --check --diff --write --show-secrets"
			[[ $cur == -* ]] || words="- $(compgen -f -- "$cur")"
			;;
		*:lookup) words="$common $match --as --explain --compile --plan --seed --json --wide --show-secrets" ;;
		*:diff)
			words='--format --json --samples --exit-code --show-secrets --color --quiet --help --version'
			[[ $cur == -* ]] || compopt -o filenames 2>/dev/null
			[[ $cur == -* ]] || words=$(compgen -f -- "$cur")
			;;
		*:import) words="postfix qmail sendmail exim tmail --map --secrets --color --quiet --help --version
			$(compgen -f -- "$cur")" ;;
		*:verify) words="$common --source" ;;
		*:serve) words="$common --policy --socketmap --exim --http --on-conflict --metrics
			--log --log-queries --max-clients" ;;
		*:stats) words="$common --json --prometheus" ;;
		*:doctor) words="postfix $common --json --format --config --policy --socketmap" ;;
		*:export) words="postfix $common --json --main --master --policy --socketmap --chroot" ;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _tmail tmail
