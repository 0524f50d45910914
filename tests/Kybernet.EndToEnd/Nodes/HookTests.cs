using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>What is done after a container's start and before its end.</summary>
public sealed class HookTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "pod-lifecycle-post-start-exec-hook")]
    public async Task A_command_runs_after_the_start()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.PodRunsAsync(PodYaml.Web("lifecycle: {postStart: {exec: {command: [touch, /tmp/started]}}}"));

        await space.ExecAsync("pod", "main", "test", "-e", "/tmp/started");
    }

    [Theory]
    [InlineData("postStart")]
    [InlineData("preStop")]
    [Trait("Conformance", "pod-lifecycle-post-start-http-hook")]
    [Trait("Conformance", "pod-lifecycle-prestop-http-hook")]
    public async Task A_server_is_called_by_HTTP(string hook)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var server = await space.PodRunsAsync(PodYaml.Web(name: "server"));

        await space.PodRunsAsync(PodYaml.Web($"lifecycle: {{{hook}: {{httpGet: {{host: {server.Status.PodIP}, port: 8080, path: /healthz}}}}}}"));
        await space.DeleteAsync<Pod>("pod");
        await space.WaitGoneAsync<Pod>("pod");

        Assert.Contains("response:200", await space.LogsAsync("server", "main"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "pod-lifecycle-prestop-exec-hook")]
    [Trait("Conformance", "pods-prestop-hook")]
    public async Task A_command_runs_before_the_end_and_reaches_a_peer()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var server = await space.PodRunsAsync(PodYaml.Web(name: "server"));

        await space.PodRunsAsync(PodYaml.Web($"lifecycle: {{preStop: {{exec: {{command: [wget, -qO-, 'http://{server.Status.PodIP}:8080/healthz']}}}}}}"));
        await space.DeleteAsync<Pod>("pod");
        await space.WaitGoneAsync<Pod>("pod");

        Assert.Contains("response:200", await space.LogsAsync("server", "main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_that_fails_after_the_start_ends_the_container()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.ApplyAsync<Pod>(PodYaml.Web("lifecycle: {postStart: {exec: {command: [sh, -c, 'exit 3']}}}"));

        await space.WaitForEventAsync("pod", "FailedPostStartHook");
        await space.WaitForAsync<Pod>("pod", static pod => pod.Status.ContainerStatuses is [{ RestartCount: > 0 }], "restarted");
    }
}
