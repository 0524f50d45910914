using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>What <c>./kybernet</c> does before there is a program, and what it leaves out when there is one.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly SourceTree _tree = new();

    public void Dispose() => _tree.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_start_publishes_and_the_second_does_not_until_the_sources_change()
    {
        _tree.GiveSdk("10.0.100");

        Assert.Equal("ran: version --client\n", (await _tree.RunAsync(Token, "kybernet", "version", "--client")).Succeeded());
        Assert.Equal(["dotnet publish"], _tree.Called);

        Assert.Equal("ran: version\n", (await _tree.RunAsync(Token, "kybernet", "version")).Succeeded());
        Assert.Equal(["dotnet publish"], _tree.Called);

        _tree.ChangeSources();
        (await _tree.RunAsync(Token, "kybernet", "version")).Succeeded();
        Assert.Equal(["dotnet publish", "dotnet publish"], _tree.Called);
    }

    [Fact]
    public async Task Two_first_starts_at_once_publish_once()
    {
        _tree.GiveSdk("10.0.100");

        var results = await Task.WhenAll(_tree.RunAsync(Token, "kybernet", "version"), _tree.RunAsync(Token, "kybernet", "version"));

        Assert.All(results, result => result.Succeeded());
        Assert.Equal(["dotnet publish"], _tree.Called);
    }

    [Fact]
    public async Task Without_an_sdk_it_says_so() =>
        Assert.Contains("the .NET 10 SDK is not installed (no dotnet in PATH)", (await _tree.RunAsync(Token, "kybernet", "version")).Failed(), StringComparison.Ordinal);

    [Fact]
    public async Task An_sdk_of_another_version_is_named()
    {
        _tree.GiveSdk("9.0.305");

        Assert.Contains("the .NET 10 SDK is not installed (only: 9.0.305)", (await _tree.RunAsync(Token, "kybernet", "version")).Failed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_compiler_says_of_a_failed_publication_is_shown_and_nothing_is_run()
    {
        _tree.Give("dotnet", """[ "$1" != --list-sdks ] || { echo 10.0.100; exit; }; echo "Program.cs(1,1): error CS1002: ; expected"; exit 1""");

        var error = (await _tree.RunAsync(Token, "kybernet", "version")).Failed();

        Assert.Contains("error CS1002", error, StringComparison.Ordinal);
        Assert.Contains("publishing failed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_installs_what_a_node_is_made_of_and_is_missing()
    {
        _tree.GiveSdk("10.0.100");
        _tree.Give("dpkg-query", """case "${@: -1}" in nftables|runc) exit 1;; *) echo installed;; esac""");
        _tree.Give("apt-get", """echo "apt-get $*" >>$CALLS""");

        var up = await _tree.RunAsync(Token, "kybernet", "up");

        Assert.Equal("ran: up\n", up.Succeeded());
        Assert.Contains("installing runc nftables", up.Error, StringComparison.Ordinal);
        Assert.Equal(["dotnet publish", "apt-get install -y --no-install-recommends runc nftables"], _tree.Called);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("up", "--no-node")]
    [InlineData("up", "--help")]
    public async Task What_starts_no_node_installs_nothing_for_one(params string[] arguments)
    {
        _tree.GiveSdk("10.0.100");
        _tree.Give("dpkg-query", """case "${@: -1}" in containerd) exit 1;; *) echo installed;; esac""");
        _tree.Give("apt-get", """echo "apt-get $*" >>$CALLS""");

        (await _tree.RunAsync(Token, "kybernet", arguments)).Succeeded();

        Assert.Equal(["dotnet publish"], _tree.Called);
    }

    [Fact]
    public async Task A_package_that_was_removed_counts_as_missing_and_old_lists_are_fetched_anew()
    {
        _tree.Give("dpkg-query", "echo config-files");
        _tree.Give("apt-get", """echo "apt-get $1" >>$CALLS; [ "$(cat $CALLS)" != "apt-get install" ]""");

        (await _tree.RunAsync(Token, "tools/install-packages", "nftables")).Succeeded();

        Assert.Equal(["apt-get install", "apt-get update", "apt-get install"], _tree.Called);
    }

    [Fact]
    public async Task Nothing_missing_is_nothing_said_and_nothing_asked()
    {
        var result = await _tree.RunAsync(Token, "tools/install-packages", "nftables", "runc");

        Assert.Equal(("", ""), (result.Succeeded(), result.Error));
        Assert.Empty(_tree.Called);
    }

    [Fact]
    public async Task A_package_that_cannot_be_installed_is_named_with_what_apt_said()
    {
        _tree.Give("dpkg-query", "exit 1");
        _tree.Give("apt-get", "echo 'E: Unable to locate package nftables' >&2; exit 100");

        var error = (await _tree.RunAsync(Token, "tools/install-packages", "nftables")).Failed();

        Assert.Contains("E: Unable to locate package nftables", error, StringComparison.Ordinal);
        Assert.Contains("apt-get could not install nftables", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_root_and_sudo_it_says_what_root_has_to_type()
    {
        _tree.Give("dpkg-query", "exit 1");
        _tree.Give("apt-get", """echo "apt-get $*" >>$CALLS""");
        _tree.Give("id", "echo 1000");

        var error = (await _tree.RunAsync(Token, "tools/install-packages", "nftables")).Failed();

        Assert.Contains("As root: apt-get install nftables", error, StringComparison.Ordinal);
        Assert.Empty(_tree.Called);
    }
}
