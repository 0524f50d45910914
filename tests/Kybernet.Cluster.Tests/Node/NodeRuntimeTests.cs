using Kybernet.Cluster.Node;
using Kybernet.Cluster.Processes;
using Kybernet.Network.Overlay;

namespace Kybernet.Cluster.Tests.Node;

/// <summary>A real containerd, started and taken down as <c>up</c> and <c>down</c> do it.</summary>
public sealed class NodeRuntimeTests : IDisposable, IStepReporter
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _details = [];
    private readonly DataDirectory _data;
    private readonly ClusterNetwork _network = new("10.254.0.0/16", "10.96.0.0/16", 1, OverlayMode.Vxlan);

    public NodeRuntimeTests() => _data = new DataDirectory(_folder.In("data"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_start_brings_up_is_found_by_a_second_and_gone_after_down()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a node needs root");
        var cancellationToken = TestContext.Current.CancellationToken;
        var containerd = new Containerd(_data, TimeProvider.System);
        try
        {
            await StartAsync(cancellationToken);
            var pid = Daemon.ReadPidFile(_data.ContainerdPid);
            await StartAsync(cancellationToken);

            Assert.NotNull(pid);
            Assert.Equal(pid, Daemon.ReadPidFile(_data.ContainerdPid));
            var images = await containerd.ListImagesAsync(cancellationToken);
            Assert.Superset(new HashSet<string> { "kybernet.local/pause:3.10", "kybernet.local/web:1.0", "kybernet.local/web:2.0" }, images.ToHashSet());
            Assert.Contains(PodNetwork.TableName(_data), await ListTablesAsync(cancellationToken), StringComparison.Ordinal);
            Assert.EndsWith(" present", _details["images"], StringComparison.Ordinal);

            // As a program with other recipes left it.
            await File.WriteAllTextAsync(_data.ImageRecipes, "other", cancellationToken);
            await StartAsync(cancellationToken);
            Assert.Equal("made kybernet.local/pause:3.10, kybernet.local/web:1.0, kybernet.local/web:2.0", _details["images"]);
            await StartAsync(cancellationToken);
            Assert.EndsWith(" present", _details["images"], StringComparison.Ordinal);
        }
        finally
        {
            await new ClusterTeardown(_data, this, TimeProvider.System).RunAsync(CancellationToken.None);
        }

        Assert.False(containerd.IsRunning);
        Assert.False(Directory.Exists(_data.Run));
        Assert.DoesNotContain(PodNetwork.TableName(_data), await ListTablesAsync(cancellationToken), StringComparison.Ordinal);
        var mounts = await File.ReadAllTextAsync("/proc/self/mountinfo", cancellationToken);
        Assert.Empty(MountTable.Below(mounts, _data.Run));
        Assert.Empty(MountTable.Below(mounts, _data.Root));
    }

    private Task StartAsync(CancellationToken cancellationToken) =>
        new NodeRuntime(_data, _network, this, TimeProvider.System).StartAsync(cancellationToken);

    private static Task<string> ListTablesAsync(CancellationToken cancellationToken) =>
        Tool.RunCheckedAsync("nft", ["list", "tables"], "", cancellationToken);

    void IStepReporter.Started(string step)
    {
    }

    void IStepReporter.Finished(string step, TimeSpan elapsed, string detail)
    {
        _details[step] = detail;
        TestContext.Current.SendDiagnosticMessage("{0} {1} ms {2}", step, elapsed.TotalMilliseconds, detail);
    }
}
