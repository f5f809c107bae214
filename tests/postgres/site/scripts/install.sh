# Puts a release in place: its name, and the migrations up to it.
set -eu
version=$1
test -d "releases/$version" || { echo "There is no release $version." >&2; exit 1; }
rm -rf db/migrations
mkdir -p db/migrations
for release in releases/*; do
  cp "$release"/*.sql db/migrations/
  if [ "$release" = "releases/$version" ]; then
    break
  fi
done
echo "$version" >release
echo "release $version is installed"
