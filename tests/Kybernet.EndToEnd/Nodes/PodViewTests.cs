using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>Names, files and namespaces that containers of a pod share, and what can be seen of them from outside.</summary>
public sealed class PodViewTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "", "own")]
    [InlineData("command: [sleep]", "args: [inf]", "sleep inf")]
    [Trait("Conformance", "containers-without-command-and-arguments")]
    [Trait("Conformance", "containers-with-command")]
    [Trait("Conformance", "containers-with-command-and-arguments")]
    public async Task A_container_runs_its_images_command_or_its_own(string command, string arguments, string expected)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodYaml.Web($"{command}\n{arguments}"));

        var line = (await space.ExecAsync("pod", "main", "cat", "/proc/1/cmdline")).TrimEnd('\0').Replace('\0', ' ');

        Assert.Equal(expected == "own", line != "sleep inf");
    }

    [Fact]
    [Trait("Conformance", "kubelet-hostaliases")]
    public async Task Host_aliases_are_in_the_hosts_file()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var printed = await space.PodSucceedsAsync(PodYaml.Script("cat /etc/hosts", "", "hostAliases: [{ip: 123.45.67.89, hostnames: [foo, bar]}]"));

        Assert.Contains("# Entries added by HostAliases.\n123.45.67.89\tfoo\tbar\n", printed, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "kubelet-managed-etc-hosts")]
    public async Task The_hosts_file_is_managed_but_for_containers_with_their_own()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var managed = await space.PodSucceedsAsync(PodYaml.Script("cat /etc/hosts", name: "managed"));
        var own = await space.PodSucceedsAsync(PodYaml.Script(
            "cat /etc/hosts", "volumeMounts: [{name: host, mountPath: /etc/hosts}]", "volumes: [{name: host, hostPath: {path: /etc/hosts}}]", "own"));
        var host = await space.PodSucceedsAsync(PodYaml.Script("cat /etc/hosts", "", "hostNetwork: true", "host"));

        Assert.StartsWith("# Kubernetes-managed hosts file.\n", managed, StringComparison.Ordinal);
        Assert.DoesNotContain("# Kubernetes-managed hosts file", own, StringComparison.Ordinal);
        Assert.StartsWith("# Kubernetes-managed hosts file (host network).\n", host, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hostname -f; hostname", "hostname: host\nsubdomain: sub", "host.sub.{0}.svc.cluster.local\nhost\n")]
    [InlineData("hostname", "hostname: host\nsubdomain: sub\nsetHostnameAsFQDN: true", "host.sub.{0}.svc.cluster.local\n")]
    [InlineData("hostname", "hostnameOverride: other.example.org", "other.example.org\n")]
    public async Task A_pod_has_the_host_name_that_it_asks_for(string script, string fields, string expected)
    {
        await using var space = await cluster.NamespaceAsync(Token);

        Assert.Equal(string.Format(null, expected, space.Name), await space.PodSucceedsAsync(PodYaml.Script(script, "", fields)));
    }

    [Theory]
    [InlineData("dnsPolicy: None\ndnsConfig: {nameservers: [1.2.3.4], searches: [a.example], options: [{name: ndots, value: '2'}, {name: edns0}]}",
        "search a.example\nnameserver 1.2.3.4\noptions ndots:2 edns0\n")]
    public async Task The_resolver_is_configured_as_the_pod_says(string fields, string expected)
    {
        await using var space = await cluster.NamespaceAsync(Token);

        Assert.Equal(expected, await space.PodSucceedsAsync(PodYaml.Script("cat /etc/resolv.conf", "", fields)));
    }

    [Fact]
    public async Task Containers_see_each_others_processes_where_they_share_them()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var printed = await space.PodSucceedsAsync(PodYaml.Script("cat /proc/1/comm", "", "shareProcessNamespace: true"));

        Assert.Equal("pause\n", printed);
    }

    [Fact]
    [Trait("Conformance", "ephemeral-container-creation")]
    [Trait("Conformance", "ephemeral-container-update-ephemeral-containers")]
    public async Task Containers_can_be_added_to_look_into_a_pod()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodYaml.Web());

        await space.Kubectl.RunAsync(Token, "debug", "pod", "-c", "first", $"--image={PodYaml.Image}", "--profile=general", "--", "sh", "-c", "echo polo");
        await space.Kubectl.RunAsync(
            Token, "debug", "pod", "-c", "second", $"--image={PodYaml.Image}", "--target=main", "--profile=general", "--", "cat", "/proc/1/comm");

        var pod = await space.WaitForAsync<Pod>(
            "pod", static pod => pod.Status.EphemeralContainerStatuses is [{ State.Terminated: not null }, { State.Terminated: not null }], "looked into");
        Assert.All(pod.Status.EphemeralContainerStatuses, static status => Assert.Equal(0, status.State!.Terminated!.ExitCode));
        Assert.Equal("polo\n", await space.LogsAsync("pod", "first"));
        Assert.Equal(await space.ExecAsync("pod", "main", "cat", "/proc/1/comm"), await space.LogsAsync("pod", "second"));
        Assert.True(pod.Status.ContainerStatuses[0].Ready);
    }

    [Fact]
    [Trait("Conformance", "pods-generation-updates")]
    [Trait("Conformance", "pods-generation-graceful-delete")]
    public async Task The_node_says_which_generation_of_a_pod_it_has_seen()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        var pod = await space.PodRunsAsync(PodYaml.Web());
        Assert.Equal((1, 1), (pod.Metadata.Generation, pod.Status.ObservedGeneration));

        await space.PatchAsync<Pod>("pod", "spec: {containers: [{name: main, image: 'kybernet.local/web:2.0'}]}");

        pod = await space.WaitForAsync<Pod>("pod", static pod => pod.Status.ObservedGeneration == 2, "seen in its second generation");
        Assert.Equal(2, pod.Metadata.Generation);
        Assert.All(pod.Status.Conditions, static condition => Assert.Equal(2, condition.ObservedGeneration));
        await space.WaitForAsync<Pod>("pod", static pod => pod.Status.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }], "running the other image");

        await space.PatchAsync<Pod>("pod", "metadata: {finalizers: [kybernet.local/held]}");
        await space.DeleteAsync<Pod>("pod");
        Assert.Equal(3, (await space.GetAsync<Pod>("pod")).Metadata.Generation);
        await space.PatchAsync<Pod>("pod", "metadata: {finalizers: null}");
        await space.WaitGoneAsync<Pod>("pod");
    }

    [Fact]
    [Trait("Conformance", "pods-generation-500-updates")]
    public async Task After_many_updates_the_node_has_seen_the_last_one()
    {
        const int Updates = 500;
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodYaml.Web());

        for (var i = 0; i < Updates; i++)
        {
            await space.PatchAsync<Pod>("pod", $"spec: {{activeDeadlineSeconds: {100_000 - i}}}");
        }

        var pod = await space.WaitForAsync<Pod>("pod", static pod => pod.Status.ObservedGeneration == Updates + 1, "seen in its last generation");
        Assert.Equal(Updates + 1, pod.Metadata.Generation);
    }

    [Fact]
    [Trait("Conformance", "kubelet-log-output-default")]
    [Trait("Conformance", "pods-assigned-hostip")]
    public async Task What_a_container_prints_can_be_read_and_its_node_is_known()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        Assert.Equal("Hello World\n", await space.PodSucceedsAsync(PodYaml.Script("echo Hello World")));

        Assert.True(System.Net.IPAddress.TryParse((await space.GetAsync<Pod>("pod")).Status.HostIP, out _));
    }
}
