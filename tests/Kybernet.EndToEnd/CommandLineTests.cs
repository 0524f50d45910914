using System.Net;
using System.Net.Sockets;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>What the program answers to what it cannot do.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly KybernetProgram _program = new();

    public void Dispose() => _program.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_version_names_the_level_of_the_api() =>
        Assert.Contains("Kubernetes API v1.36", (await _program.RunAsync(Token, "version")).Succeeded(), StringComparison.Ordinal);

    [Fact]
    public void The_program_is_one_file_below_45_megabytes()
    {
        Assert.True(new FileInfo(Repository.Program).Length < 45_000_000);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(Repository.Program)!), file => file.EndsWith(".so", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_flag_is_named() =>
        Assert.Contains("--no-such-flag", (await _program.RunAsync(Token, "up", "--no-such-flag")).Failed(), StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("http")]
    public async Task A_port_that_is_none_is_refused(string port) =>
        Assert.Contains(
            "--https-port", (await _program.RunAsync(Token, "up", "--no-node", "--data-dir", _program.DataDir, "--https-port", port)).Failed(), StringComparison.Ordinal);

    [Fact]
    public async Task A_port_in_use_is_named_with_the_way_out()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, _program.Port));
        listener.Listen();

        var error = (await _program.UpAsync(Token, "--no-node")).Failed();

        Assert.Contains($"port {_program.Port} is in use", error, StringComparison.Ordinal);
        Assert.Contains("--https-port", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_name_that_is_none_is_refused() =>
        Assert.Contains("cannot be a node's name", (await _program.UpAsync(Token, "--no-node", "--node-name", "Not_A_Name")).Failed(), StringComparison.Ordinal);

    [Fact]
    public async Task A_kubeconfig_of_no_cluster_is_an_error() =>
        Assert.Contains("there is no cluster", (await _program.RunAsync(Token, "kubeconfig", "--data-dir", _program.DataDir)).Failed(), StringComparison.Ordinal);

    [Fact]
    public async Task The_status_of_no_cluster_says_so_and_exits_with_3()
    {
        var status = await _program.RunAsync(Token, "status", "--data-dir", _program.DataDir);

        Assert.Equal(3, status.ExitCode);
        Assert.Contains("cluster: none", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Down_without_a_cluster_does_nothing_and_says_so() =>
        Assert.Contains("No cluster was running", (await _program.DownAsync(Token)).Succeeded(), StringComparison.Ordinal);

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_an_error() =>
        Assert.Contains("/proc/kybernet", (await _program.RunAsync(Token, "up", "--no-node", "--data-dir", "/proc/kybernet")).Failed(), StringComparison.Ordinal);

    [Fact]
    public async Task A_node_without_root_is_refused_with_the_way_out()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run it as somebody else");
        // The program is copied to where anybody may run it.
        var copy = Path.Combine(Path.GetTempPath(), $"kybernet-{Guid.NewGuid():N}");
        File.Copy(Repository.Program, copy);
        try
        {
            var result = await Shell.RunAsync(
                "/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", copy, "up", "--data-dir", "/tmp/unused"], "", new Dictionary<string, string>(), Token);

            Assert.Contains("needs root", result.Failed(), StringComparison.Ordinal);
            Assert.Contains("--no-node", result.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    [Theory]
    [InlineData("{", "cannot be read")]
    [InlineData("null", "it holds no JSON object")]
    [InlineData("{\"nodeName\":\"n\"}", "httpsPort is missing")]
    public async Task Broken_settings_are_named_with_the_way_out(string settings, string cause)
    {
        Directory.CreateDirectory(_program.DataDir);
        var file = Path.Combine(_program.DataDir, "cluster.json");
        await File.WriteAllTextAsync(file, settings, Token);

        var error = (await _program.UpAsync(Token, "--no-node")).Failed();

        Assert.Contains($"{file} cannot be read", error, StringComparison.Ordinal);
        Assert.Contains(cause, error, StringComparison.Ordinal);
        Assert.Contains("delete it to have it made again", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_tool_is_named_with_the_package_that_has_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gets as far as the tools");
        // A view of the file system, for this process alone, in which the tool was removed.
        const string Script = """
            set -e
            mount -t tmpfs tmpfs /mnt
            mkdir /mnt/upper /mnt/work
            mount -t overlay overlay -o lowerdir=/usr/sbin,upperdir=/mnt/upper,workdir=/mnt/work /usr/sbin
            rm /usr/sbin/nft
            exec "$0" "$@"
            """;
        var result = await Shell.RunAsync(
            "/usr/bin/unshare",
            ["--mount", "/bin/bash", "-c", Script, Repository.Program, "up", "--data-dir", _program.DataDir, "--https-port", _program.Port.ToString(null, null)],
            "", new Dictionary<string, string>(), Token);

        Assert.Contains("nft is not installed", result.Failed(), StringComparison.Ordinal);
        Assert.Contains("apt-get install nftables", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_are_plain_lines_where_there_is_no_terminal_and_under_a_spinner_on_one()
    {
        try
        {
            var plain = (await _program.UpAsync(Token, "--no-node")).Succeeded();
            Assert.DoesNotContain('\e', plain);
            Assert.Matches(@"(?m)^API server +\d+\.\d\d s", plain);

            (await _program.DownAsync(Token)).Succeeded();
            var command = $"{Repository.Program} up --detach --no-node --data-dir {_program.DataDir} --https-port {_program.Port}";
            var terminal = (await Shell.RunAsync(
                "/usr/bin/script", ["--quiet", "--return", "--command", command, "/dev/null"], "",
                new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["NO_COLOR"] = "" }, Token)).Succeeded();
            Assert.Contains("\e[2K", terminal, StringComparison.Ordinal);
            Assert.Matches(@"✓.*API server", terminal);
            Assert.EndsWith("\e[?25h", terminal[..(terminal.IndexOf("The cluster is up", StringComparison.Ordinal))].TrimEnd(), StringComparison.Ordinal);
        }
        finally
        {
            (await _program.DownAsync(CancellationToken.None)).Succeeded();
        }
    }

    [Fact]
    public async Task A_control_plane_alone_starts_answers_and_stops()
    {
        try
        {
            var up = (await _program.UpAsync(Token, "--no-node")).Succeeded();
            Assert.Contains("export KUBECONFIG=", up, StringComparison.Ordinal);

            var kubectl = new Kubectl(Kubectl.Versions[0], _program.Kubeconfig, "default");
            Assert.Equal("ok", await kubectl.RunAsync(Token, "get", "--raw", "/readyz"));
            Assert.Contains("already", (await _program.UpAsync(Token, "--no-node")).Failed(), StringComparison.Ordinal);
            Assert.Contains("cluster: up", (await _program.RunAsync(Token, "status", "--data-dir", _program.DataDir)).Succeeded(), StringComparison.Ordinal);
        }
        finally
        {
            (await _program.DownAsync(CancellationToken.None)).Succeeded();
        }
        await Leftovers.AssertNoneAsync(_program.DataDir, Token);
    }
}
