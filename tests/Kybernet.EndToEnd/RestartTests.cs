using System.Diagnostics;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>A cluster of its own that crashes, stops and comes back.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly KybernetProgram _program = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _program.Dispose();

    [Fact]
    public async Task After_kill_9_the_same_containers_run_on_and_after_down_the_cluster_goes_on_from_its_state()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a node needs root");
        try
        {
            (await _program.UpAsync(Token)).Succeeded();
            var kubectl = new Kubectl(Kubectl.Versions[0], _program.Kubeconfig, "default");
            await kubectl.CreateAsync(Token);
            var before = await ContainersAsync(kubectl);

            using (var process = Process.GetProcessById(_program.ProcessId))
            {
                process.Kill();
                await process.WaitForExitAsync(Token);
            }
            (await _program.UpAsync(Token)).Succeeded();

            await kubectl.RolledOutAsync(Token);
            Assert.Equal(before, await ContainersAsync(kubectl));
            Assert.Contains("version: 1.0", await kubectl.PageAsync((await kubectl.PodsAsync(Token))[0], Token), StringComparison.Ordinal);
            await kubectl.RunAsync(Token, "scale", "deployment/web", "--replicas=4");
            await kubectl.RolledOutAsync(Token);

            (await _program.DownAsync(Token)).Succeeded();
            await Leftovers.AssertNoneAsync(_program.DataDir, Token);
            (await _program.UpAsync(Token)).Succeeded();

            await kubectl.RolledOutAsync(Token);
            await Eventually.BecomesAsync(
                () => kubectl.ReadAsync(Token, "deployment", "web", "{.status.readyReplicas}"), static ready => ready == "4", Token);
        }
        finally
        {
            (await _program.DownAsync(CancellationToken.None)).Succeeded();
        }
        await Leftovers.AssertNoneAsync(_program.DataDir, Token);
    }

    private static async Task<IReadOnlyList<string>> ContainersAsync(Kubectl kubectl) =>
    [
        .. (await kubectl.RunAsync(
                Token, "get", "pods", "-l", "app=web", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}{\"\\n\"}{end}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Order(StringComparer.Ordinal),
    ];
}
