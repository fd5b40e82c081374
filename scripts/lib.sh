# shellcheck shell=bash
# Sourced by the scripts beside it: where things are, and how they speak.

# Into a file or a log nobody wants colours, whatever a runner thinks of its terminal.
if [[ ! -t 1 ]]; then
  unset FORCE_COLOR
  export NO_COLOR=1
fi

say() { printf '%s\n' "$*"; }
complain() { printf '%s\n' "$*" >&2; }

# os_id prints debian, ubuntu, fedora, …, macos or unknown.
os_id() {
  if [[ "$(uname -s)" == Darwin ]]; then
    echo macos
  elif [[ -r /etc/os-release ]]; then
    # shellcheck disable=SC1091
    (. /etc/os-release && echo "${ID:-unknown}")
  else
    echo unknown
  fi
}

# at_least HAVE WANT is true when the dotted version HAVE is WANT or newer.
at_least() {
  local IFS=. i
  local -a have want
  read -r -a have <<<"$1"
  read -r -a want <<<"$2"
  for i in 0 1 2; do
    local h=${have[i]:-0} w=${want[i]:-0}
    h=${h%%[!0-9]*} w=${w%%[!0-9]*}
    if ((10#${h:-0} != 10#${w:-0})); then
      ((10#${h:-0} > 10#${w:-0}))
      return
    fi
  done
}

# postgres_bin prints the folder of initdb and pg_ctl of the newest PostgreSQL server, or fails.
postgres_bin() {
  local dir found=
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
    /opt/homebrew/opt/postgresql/bin | sort -V); do
    if [[ -x "$dir/initdb" && -x "$dir/pg_ctl" && -x "$dir/postgres" ]]; then
      found=$dir
    fi
  done
  if [[ -z "$found" ]] && command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
    found=$(dirname "$(command -v initdb)")
  fi
  [[ -n "$found" ]] && printf '%s\n' "$found"
}

# mariadb_path prints the program of a MariaDB server, or fails. The tests start it themselves.
mariadb_path() {
  local name
  for name in mariadbd /usr/sbin/mariadbd /usr/libexec/mariadbd /opt/homebrew/opt/mariadb/bin/mariadbd \
    /usr/local/opt/mariadb/bin/mariadbd; do
    if command -v "$name" >/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# dovecot_path prints the IMAP server that tests of mailboxes start, or fails.
dovecot_path() {
  local name
  for name in dovecot /usr/sbin/dovecot /opt/homebrew/sbin/dovecot; do
    if command -v "$name" >/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# The FerretDB that the tests of MongoDB start: internal/portaltest knows the version too.
readonly ferretdb_version=v1.24.2 ferretdb_sum=h1:trrUU0LbmusMbyubhPS1IELncvrIwKrsRT2LW1UUWCw=

# ferretdb_path prints where its program is kept, outside the repository so that it is built once. It
# is where Go's os.UserCacheDir leads.
ferretdb_path() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}
  if [[ "$(uname -s)" == Darwin ]]; then
    cache=$HOME/Library/Caches
  fi
  printf '%s\n' "$cache/mininfo/ferretdb-$ferretdb_version"
}

# chromium_path prints the browser that the journeys run in, or fails. The headless shell is the same
# browser without what draws windows: it takes a fifth less of the processor for a journey.
chromium_path() {
  local name
  for name in "${MININFO_CHROMIUM:-}" chromium-headless-shell chromium chromium-browser \
    google-chrome google-chrome-stable \
    /Applications/Chromium.app/Contents/MacOS/Chromium \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [[ -n "$name" ]] && command -v "$name" >/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}
