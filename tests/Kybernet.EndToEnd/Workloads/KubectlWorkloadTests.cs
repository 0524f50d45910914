using Kybernet.EndToEnd.Fixture;
using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Workloads;

/// <summary>What people do with running pods from the command line.</summary>
public sealed class KubectlWorkloadTests(ClusterFixture cluster)
{
    private const string Controller = $$"""
        apiVersion: v1
        kind: ReplicationController
        metadata:
          name: web
          labels: {app: web}
        spec:
          replicas: 2
          selector: {app: web}
          template:
            metadata:
              labels: {app: web}
            spec:
              containers: [{name: main, image: "{{PodYaml.Image}}", ports: [{name: http, containerPort: 8080}]}]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "kubectl-logs")]
    public async Task Logs_are_cut_by_lines_bytes_and_age_and_told_with_their_times()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await CreateAsync(kubectl, PodYaml.Script("i=0; while true; do i=$((i+1)); echo line $i; sleep 1; done"));
        await Eventually.BecomesAsync(() => kubectl.TryAsync(Token, "logs", "pod"), static logs => logs.Output.Contains("line 5\n", StringComparison.Ordinal), Token);

        Assert.Matches(@"^line \d+\n$", await kubectl.RunAsync(Token, "logs", "pod", "--tail=1"));
        Assert.Equal("l", await kubectl.RunAsync(Token, "logs", "pod", "main", "--limit-bytes=1"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line \d+\n$", await kubectl.RunAsync(Token, "logs", "pod", "--tail=1", "--timestamps"));
        Assert.DoesNotContain("line 1\n", await kubectl.RunAsync(Token, "logs", "pod", "--since=1s"), StringComparison.Ordinal);
        Assert.StartsWith("line 1\n", await kubectl.RunAsync(Token, "logs", "pod", "--since=24h"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "kubectl-replication-controller")]
    [Trait("Conformance", "kubectl-scale-replication-controller")]
    public async Task A_replication_controller_runs_as_many_pods_as_it_is_told()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await CreateAsync(kubectl, Controller);
        await RunsAsync(kubectl, 2);

        await kubectl.RunAsync(Token, "scale", "rc", "web", "--replicas=1", "--timeout=2m");
        await RunsAsync(kubectl, 1);
        await kubectl.RunAsync(Token, "scale", "rc", "web", "--replicas=2", "--timeout=2m");

        foreach (var pod in await RunsAsync(kubectl, 2))
        {
            Assert.Contains($"host: {pod}", await kubectl.PageAsync(pod, Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Conformance", "kubectl-describe-pod-or-rc")]
    public async Task Descriptions_tell_what_there_is_to_know()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await CreateAsync(kubectl, Controller);
        await kubectl.RunAsync(Token, "expose", "rc", "web", "--port=80", "--target-port=http");
        var pod = (await RunsAsync(kubectl, 2))[0];
        var node = await kubectl.ReadAsync(Token, "pod", pod, "{.spec.nodeName}");

        await DescribesAsync(
            "pod", pod, @"Node:\s+" + node, @"Labels:\s+app=web", @"Status:\s+Running", @"IP:\s+10\.", @"Controlled By:\s+ReplicationController/web", @"Container ID:\s+containerd://",
            @"Image:\s+kybernet\.local/web:1\.0", @"State:\s+Running", "Conditions:", @"QoS Class:\s+BestEffort", "Events:", @"Normal\s+Scheduled", @"Normal\s+Started");
        await DescribesAsync(
            "rc", "web", @"Selector:\s+app=web", @"Labels:\s+app=web", @"Replicas:\s+2 current / 2 desired", @"Pods Status:\s+2 Running / 0 Waiting / 0 Succeeded / 0 Failed",
            "Pod Template:", @"Image:\s+kybernet\.local/web:1\.0", "Events:", @"Normal\s+SuccessfulCreate");
        await DescribesAsync(
            "service", "web", @"Labels:\s+app=web", @"Selector:\s+app=web", @"Type:\s+ClusterIP", @"IP:\s+10\.", @"Port:\s+<unset>\s+80/TCP", @"TargetPort:\s+http/TCP",
            @"Endpoints:\s+10\.[^\n]*:8080", @"Session Affinity:\s+None");
        await DescribesAsync(
            "node", node, "Labels:", "Annotations:", "CreationTimestamp:", "Conditions:", @"Ready\s+True\s+.*KubeletReady", "Addresses:", "Capacity:", "Allocatable:", "Kernel Version:",
            @"Container Runtime Version:\s+containerd://", @"Kubelet Version:\s+v1\.36", "Non-terminated Pods:", "Allocated resources:");
        await DescribesAsync("namespace", kubectl.Namespace, @"Labels:\s+kubernetes\.io/metadata\.name=", @"Status:\s+Active", "No resource quota", "No LimitRange resource");

        async Task DescribesAsync(string kind, string name, params IEnumerable<string> lines)
        {
            var description = await kubectl.RunAsync(Token, "describe", kind, name);
            Assert.Matches($@"(?m)^Name:\s+{name}\s*$", description);
            Assert.All(lines, line => Assert.Matches($@"(?m)^\s*{line}", description));
        }
    }

    [Fact]
    [Trait("Conformance", "kubectl-guestbook-application")]
    public async Task An_application_of_several_tiers_keeps_what_its_frontend_is_told()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await CreateAsync(kubectl, Guestbook.Manifest);
        foreach (var tier in Guestbook.Tiers)
        {
            await kubectl.RunAsync(Token, "rollout", "status", $"deployment/{tier}", "--timeout=90s");
        }

        // Rules follow endpoints a little later than a rollout's end.
        await Eventually.BecomesAsync(() => AskAsync(""), static answer => answer.ExitCode == 0, Token);
        (await AskAsync("?entry=Hello")).Succeeded();

        Assert.Equal("entry=Hello\n", (await AskAsync("")).Succeeded());
        (await kubectl.FeedAsync(Guestbook.Manifest, Token, "delete", "-f", "-")).Succeeded();

        Task<Result> AskAsync(string query) =>
            kubectl.TryAsync(Token, "get", "--raw", $"/api/v1/namespaces/{kubectl.Namespace}/services/frontend:8080/proxy/cgi-bin/book{query}");
    }

    private static async Task CreateAsync(Kubectl kubectl, string manifest) => (await kubectl.FeedAsync(manifest, Token, "create", "-f", "-")).Succeeded();

    /// <summary>The pods that run, once they are that many and no more are left.</summary>
    private static async Task<string[]> RunsAsync(Kubectl kubectl, int count)
    {
        var pods = await Eventually.BecomesAsync(
            () => kubectl.RunAsync(Token, "get", "pods", "-l", "app=web", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=='Ready')].status}{'\\n'}{end}"),
            output => output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is var lines && lines.Length == count && lines.All(static line => line.EndsWith(" True", StringComparison.Ordinal)),
            Token);
        return [.. pods.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[0])];
    }
}
