using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Objects from stock kubectl: discovery, printing, editing, patching.</summary>
public sealed class ObjectTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_node_is_ready_and_prints_as_upstream()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var nodes = await kubectl.RunAsync(Token, "get", "nodes", "-o", "wide");

        Assert.Matches(@"(?m)^NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\s+INTERNAL-IP\s+EXTERNAL-IP\s+OS-IMAGE\s+KERNEL-VERSION\s+CONTAINER-RUNTIME\s*$", nodes);
        Assert.Matches(@"(?m)^\S+\s+Ready\s+\S+\s+\S+\s+v1\.36\.\S+\s+\d+\.\d+\.\d+\.\d+\s+<none>\s+.*\s+containerd://\S+\s*$", nodes);
    }

    [Fact]
    public async Task The_resources_of_the_api_are_listed_with_short_names_and_categories()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var resources = await kubectl.RunAsync(Token, "api-resources", "-o", "wide");

        Assert.Matches(@"(?m)^deployments\s+deploy\s+apps/v1\s+true\s+Deployment\s+create,delete,deletecollection,get,list,patch,update,watch\s+all\s*$", resources);
        Assert.Matches(@"(?m)^nodes\s+no\s+v1\s+false\s+Node\s", resources);
        Assert.Contains("apps/v1", await kubectl.RunAsync(Token, "api-versions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_are_explained_with_their_descriptions()
    {
        var kubectl = await cluster.KubectlAsync(Token);

        var explained = await kubectl.RunAsync(Token, "explain", "pod.spec.containers", "--recursive");

        Assert.Contains("FIELD: containers <[]Container>", explained, StringComparison.Ordinal);
        Assert.Contains("readinessProbe", explained, StringComparison.Ordinal);
        Assert.Matches(@"DESCRIPTION:\s+List of containers belonging to the pod", explained);
    }

    [Fact]
    public async Task Applying_twice_changes_once()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var example = Repository.Example("web.yaml");

        Assert.Contains("deployment.apps/web created", await kubectl.RunAsync(Token, "apply", "-f", example), StringComparison.Ordinal);
        var second = await kubectl.RunAsync(Token, "apply", "-f", example);
        Assert.Contains("configmap/web unchanged", second, StringComparison.Ordinal);
        Assert.Contains("deployment.apps/web unchanged", second, StringComparison.Ordinal);
        (await kubectl.TryAsync(Token, "diff", "-f", example)).Succeeded();

        var changed = (await File.ReadAllTextAsync(example, Token)).Replace("replicas: 3", "replicas: 2", StringComparison.Ordinal);
        var diff = await kubectl.FeedAsync(changed, Token, "diff", "-f", "-");
        Assert.Equal(1, diff.ExitCode);
        Assert.Contains("+  replicas: 2", diff.Output, StringComparison.Ordinal);
        Assert.Contains("deployment.apps/web configured", (await kubectl.FeedAsync(changed, Token, "apply", "-f", "-")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal("2", await kubectl.ReadAsync(Token, "deployment", "web", "{.spec.replicas}"));
    }

    [Fact]
    public async Task Labels_annotations_and_edits_are_kept()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.RunAsync(Token, "create", "configmap", "settings", "--from-literal=color=blue");

        await kubectl.RunAsync(Token, "label", "configmap", "settings", "tier=front");
        await kubectl.RunAsync(Token, "annotate", "configmap", "settings", "note=kept");
        await kubectl.WithEditor("sed -i s/blue/green/").RunAsync(Token, "edit", "configmap", "settings");

        Assert.Equal("front kept green", await kubectl.ReadAsync(Token, "configmap", "settings", "{.metadata.labels.tier} {.metadata.annotations.note} {.data.color}"));
        Assert.Contains("settings", await kubectl.RunAsync(Token, "get", "configmaps", "-l", "tier=front", "-o", "name"), StringComparison.Ordinal);
        await kubectl.RunAsync(Token, "label", "configmap", "settings", "tier-");
        Assert.DoesNotContain("settings", await kubectl.RunAsync(Token, "get", "configmaps", "-l", "tier", "-o", "name"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_is_described_and_events_tell_the_story()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.CreateAsync(Token);
        var pod = (await kubectl.PodsAsync(Token))[0];

        var description = await kubectl.RunAsync(Token, "describe", "pod", pod);
        foreach (var reason in (string[])["Scheduled", "Pulled", "Created", "Started"])
        {
            Assert.Contains(reason, description, StringComparison.Ordinal);
        }
        Assert.Matches(@"QoS Class:\s+Burstable", description);
        Assert.Matches(@"Successfully assigned \S+ to \S+", description);
        var deployment = await kubectl.RunAsync(Token, "describe", "deployment", "web");
        Assert.Matches(@"Scaled up replica set web-\S+ from 0 to 3", deployment);
        Assert.Contains("3 desired | 3 updated | 3 total | 3 available | 0 unavailable", deployment, StringComparison.Ordinal);
        Assert.Matches(@"Ready\s+True", await kubectl.RunAsync(Token, "describe", "nodes"));
        await kubectl.RunAsync(Token, "describe", "replicasets,configmaps,serviceaccounts");
        Assert.Contains("SuccessfulCreate", await kubectl.RunAsync(Token, "get", "events", "--sort-by=.metadata.creationTimestamp"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_administrator_may_do_everything_and_an_account_nothing_until_it_is_given_a_role()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var account = $"--as=system:serviceaccount:{kubectl.Namespace}:default";

        Assert.Equal("yes\n", await kubectl.RunAsync(Token, "auth", "can-i", "*", "*"));
        Assert.Contains("kubernetes-admin", await kubectl.RunAsync(Token, "auth", "whoami"), StringComparison.Ordinal);
        Assert.Contains("*.*", await kubectl.RunAsync(Token, "auth", "can-i", "--list"), StringComparison.Ordinal);
        Assert.Contains("Forbidden", (await kubectl.TryAsync(Token, "get", "pods", account)).Failed(), StringComparison.Ordinal);

        await kubectl.RunAsync(Token, "create", "rolebinding", "reads", "--clusterrole=view", $"--serviceaccount={kubectl.Namespace}:default");
        await Eventually.BecomesAsync(
            () => kubectl.TryAsync(Token, "get", "pods", account), static result => result.ExitCode == 0, Token);
    }

    [Fact]
    public async Task A_pod_reaches_the_api_with_its_own_token()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.RunAsync(Token, "run", "pod", "--image=kybernet.local/web:1.0");
        await kubectl.RunAsync(Token, "wait", "--for=condition=Ready", "pod/pod", "--timeout=60s");

        var server = await kubectl.RunAsync(Token, "config", "view", "-o", "jsonpath={.clusters[0].cluster.server}");
        // Without the administrator's kubeconfig: a certificate would say who asks before the token does.
        var token = await kubectl.RunAsync(Token, "exec", "pod", "--", "cat", "/var/run/secrets/kubernetes.io/serviceaccount/token");
        Assert.Contains(
            $"system:serviceaccount:{kubectl.Namespace}:default",
            await kubectl.RunAsync(
                Token, "--kubeconfig=/dev/null", $"--server={server}", "--insecure-skip-tls-verify", $"--token={token}", "auth", "whoami"),
            StringComparison.Ordinal);
        Assert.Equal(kubectl.Namespace, await kubectl.RunAsync(Token, "exec", "pod", "--", "cat", "/var/run/secrets/kubernetes.io/serviceaccount/namespace"));
        Assert.Contains("BEGIN CERTIFICATE", await kubectl.RunAsync(Token, "exec", "pod", "--", "cat", "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"), StringComparison.Ordinal);
    }
}
