using Kybernet.Kubelet.Logs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Logs of containers that really write.</summary>
[Collection("real pods")]
public sealed class LogRotationTests(RuntimeFixture fixture)
{
    [Fact]
    public async Task A_log_that_has_grown_is_moved_aside_and_the_container_goes_on_in_a_new_one()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await KubeletRig.StartAsync(fixture, cancellationToken);
        await rig.CreateAsync(
            "noisy", """{ "containers": [ { "name": "c", "command": ["sh", "-c", "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.05; done"] } ] }""", cancellationToken);
        var pod = await rig.WaitReadyAsync("noisy", cancellationToken);
        var folder = Path.Combine(rig.Options.PodLogsDirectory, $"default_noisy_{pod.Metadata.Uid}", "c");
        var log = Path.Combine(folder, "0.log");
        var time = new FakeTimeProvider();
        var rotation = new LogRotation(rig.Runtime, rig.Options with { ContainerLogMaxBytes = 1, ContainerLogMaxFiles = 3 }, time, NullLogger.Instance);

        for (var round = 0; round < 4; round++)
        {
            await Client.Tests.Eventually.TrueAsync(() => new FileInfo(log) is { Exists: true, Length: > 0 }, "the container writes");
            await rotation.RotateAllAsync(cancellationToken);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await Client.Tests.Eventually.TrueAsync(() => new FileInfo(log) is { Exists: true, Length: > 0 }, "the container writes on");
        Assert.Equal(
            ["0.log", "0.log.20000101-000002.gz", "0.log.20000101-000003"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("line ", rig.ReadLog(pod, "c"), StringComparison.Ordinal);
    }
}
