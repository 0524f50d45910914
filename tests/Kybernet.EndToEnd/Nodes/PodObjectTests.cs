using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>Pods as objects while a node runs them.</summary>
public sealed class PodObjectTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "pods-delete-a-collection")]
    public async Task Pods_of_a_label_are_deleted_together()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        foreach (var name in (string[])["one", "two", "three"])
        {
            await space.ApplyAsync<Pod>(PodYaml.Web("", "", name));
            await space.PatchAsync<Pod>(name, "metadata: {labels: {kind: collected}}");
        }
        Assert.Equal(3, (await space.ListAsync<Pod>("kind=collected")).Count);

        ApiClient.ThrowIfFailed(await space.Client.Transport.SendAsync(
            new ApiCall(HttpMethod.Delete, $"{ResourcePath.Of<Pod>(space.Name)}?labelSelector=kind%3Dcollected&gracePeriodSeconds=1"), Token));

        await Eventually.BecomesAsync(() => space.ListAsync<Pod>("kind=collected"), static left => left.Count == 0, Token);
    }

    [Fact]
    [Trait("Conformance", "pods-update")]
    public async Task A_pod_is_found_by_its_new_label()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var pod = await space.PodRunsAsync(PodYaml.Web());

        await RetryOnConflict.RunAsync(
            async token =>
            {
                var current = await space.GetAsync<Pod>("pod");
                return await space.Client.UpdateAsync(
                    current with { Metadata = current.Metadata with { Labels = new Dictionary<string, string> { ["time"] = "changed" } } }, token);
            },
            TimeProvider.System,
            Token);

        Assert.Equal(pod.Metadata.Uid, Assert.Single(await space.ListAsync<Pod>("time=changed")).Metadata.Uid);
        Assert.Empty(await space.ListAsync<Pod>("app=pod"));
    }

    [Fact]
    [Trait("Conformance", "pods-patching-status")]
    public async Task A_pods_status_is_patched_on_its_own_endpoint()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodYaml.Web());

        var patched = await space.PatchAsync<Pod>("pod", "status: {message: patched, reason: ForATest}", "status");

        Assert.Equal(("patched", "ForATest", "Running"), (patched.Status.Message, patched.Status.Reason, patched.Status.Phase));
    }

    [Theory]
    [InlineData("requests: {cpu: 20m, memory: 10Mi}, limits: {cpu: 20m, memory: 10Mi}", "Guaranteed")]
    [InlineData("requests: {cpu: 20m}, limits: {cpu: 20m, memory: 10Mi}", "Guaranteed")]
    [InlineData("requests: {cpu: 10m, memory: 10Mi}, limits: {cpu: 20m, memory: 10Mi}", "Burstable")]
    [InlineData("", "BestEffort")]
    [Trait("Conformance", "pods-qos")]
    public async Task The_class_of_a_pod_follows_from_what_it_asks_for(string resources, string expected)
    {
        await using var space = await cluster.NamespaceAsync(Token);

        await space.ApplyAsync<Pod>(PodYaml.Web($"resources: {{{resources}}}"));

        Assert.Equal(expected, (await space.GetAsync<Pod>("pod")).Status.QosClass);
    }

    [Fact]
    [Trait("Conformance", "pods-completes-the-lifecycle-of-a-pod-and-the-podstatus")]
    public async Task Every_change_of_a_pod_is_an_event_until_it_is_gone()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var created = await space.ApplyAsync<Pod>(PodYaml.Web());
        await space.WaitForAsync<Pod>("pod", IsReady, "ready");

        var labelled = await space.PatchAsync<Pod>(
            "pod", "metadata: {labels: {stage: patched}}\nspec: {terminationGracePeriodSeconds: 5, containers: [{name: main, image: 'kybernet.local/web:2.0'}]}");
        Assert.Equal(("patched", "kybernet.local/web:2.0"), (labelled.Metadata.Labels["stage"], labelled.Spec.Containers[0].Image));
        await space.WaitForAsync<Pod>("pod", static pod => IsReady(pod) && pod.Status.ContainerStatuses[0].RestartCount == 1, "ready with the other image");

        var replaced = await RetryOnConflict.RunAsync(
            async token =>
            {
                var current = await space.GetAsync<Pod>("pod");
                PodCondition[] conditions = [.. current.Status.Conditions, new PodCondition { Type = "example.org/Seen", Status = "True" }];
                return await space.Client.UpdateStatusAsync(current with { Status = current.Status with { Conditions = conditions } }, token);
            },
            TimeProvider.System,
            Token);
        Assert.Contains(replaced.Status.Conditions, static condition => condition.Type == "example.org/Seen");
        await space.DeleteAsync<Pod>("pod", 1);
        await space.WaitGoneAsync<Pod>("pod");

        var versions = new List<Pod>();
        await foreach (var one in space.Client.Transport.WatchAsync(
            new ApiCall(HttpMethod.Get, $"{ResourcePath.Of<Pod>(space.Name)}?watch=true&resourceVersion={created.Metadata.ResourceVersion}"), Token))
        {
            versions.Add(one.Object.As<Pod>());
            if (one.Type == ObjectEventType.Deleted)
            {
                break;
            }
        }
        Assert.Contains(versions, static pod => pod.Metadata.Labels.ContainsKey("stage"));
        Assert.Contains(versions, static pod => pod.Status.Conditions.Any(static condition => condition.Type == "example.org/Seen"));
        Assert.NotNull(versions[^1].Metadata.DeletionTimestamp);
        Assert.True(ModelJson.Same(replaced, versions.Single(pod => pod.Metadata.ResourceVersion == replaced.Metadata.ResourceVersion)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("binary.k8s.io")]
    [InlineData("base64.binary.k8s.io")]
    [Trait("Conformance", "pods-logs-from-websockets")]
    public async Task Logs_are_read_over_a_WebSocket(string protocol)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodSucceedsAsync(PodYaml.Script("echo container is alive"));
        var server = Kubeconfig.Load(cluster.Program.Kubeconfig).Connection();
        using var identity = X509Certificate2.CreateFromPem(server.ClientCertificate, server.ClientKey);
        using var socket = new ClientWebSocket();
        socket.Options.ClientCertificates = [identity];
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        if (protocol.Length > 0)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        var path = new UriBuilder(new Uri(server.Server, ResourcePath.Of<Pod>(space.Name, "pod", "log"))) { Scheme = "wss" };
        await socket.ConnectAsync(path.Uri, Token);
        var read = new StringBuilder();
        var buffer = new byte[4096];
        ValueWebSocketReceiveResult piece;
        while ((piece = await socket.ReceiveAsync(buffer.AsMemory(), Token)).MessageType != WebSocketMessageType.Close)
        {
            var text = Encoding.UTF8.GetString(buffer, 0, piece.Count);
            read.Append(protocol.StartsWith("base64", StringComparison.Ordinal) ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : text);
        }

        Assert.Equal("container is alive\n", read.ToString());
    }

    [Fact]
    [Trait("Conformance", "sysctls-reject-invalid-sysctls")]
    public async Task Kernel_parameters_that_are_misspelt_are_refused()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        const string sysctls = """
            securityContext:
              sysctls:
              - {name: foo-, value: bar}
              - {name: kernel.shmmax, value: "100000000"}
              - {name: safe-and-unsafe, value: "100000000"}
              - {name: bar.., value: "42"}
            """;

        var refused = await Assert.ThrowsAsync<ApiException>(() => space.ApplyAsync<Pod>(PodYaml.Script("true", "", sysctls)));

        Assert.Contains("Invalid value: \"foo-\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Invalid value: \"bar..\"", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("safe-and-unsafe", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("kernel.shmmax", refused.Message, StringComparison.Ordinal);
    }

    private static bool IsReady(Pod pod) => pod.Status.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" });
}
