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
