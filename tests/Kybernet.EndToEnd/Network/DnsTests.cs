using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>Names as pods resolve them, with real resolvers, through their resolv.conf and the Service kube-dns.</summary>
public sealed class DnsTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "dns-cluster-dns")]
    public async Task A_pod_resolves_names_of_the_cluster()
    {
        var pod = await StartAsync();
        var server = await AddressAsync(pod.Kubectl, "default", "kubernetes");

        Assert.Equal(server, await pod.GetentAsync("kubernetes.default"));
        Assert.Equal(server, await pod.GetentAsync("kubernetes.default.svc.cluster.local"));
        Assert.Equal(server, await pod.DigAsync("+short", "kubernetes.default.svc.cluster.local"));
        Assert.Equal(server, await pod.DigAsync("+short", "+tcp", "kubernetes.default.svc.cluster.local"));
        Assert.Equal("0 100 443 kubernetes.default.svc.cluster.local.", await pod.DigAsync("+short", "_https._tcp.kubernetes.default.svc.cluster.local", "SRV"));
        Assert.Equal("kubernetes.default.svc.cluster.local.", await pod.DigAsync("+short", "-x", server));
    }

    [Fact]
    [Trait("Conformance", "dns-services")]
    public async Task Services_with_and_without_an_address_resolve_under_all_their_names()
    {
        var pod = await StartAsync();
        await pod.ApplyAsync(Service("headless", "clusterIP: None, selector: {app: back}"));
        await pod.ApplyAsync(Service("normal", "selector: {app: back}"));
        await pod.RunBackendAsync("back", "");
        var address = await pod.Kubectl.ReadAsync(Token, "service", "normal", "{.spec.clusterIP}");
        var podAddress = await pod.Kubectl.ReadAsync(Token, "pod", "back", "{.status.podIP}");

        foreach (var (name, expected) in ((string, string)[])[("normal", address), ("headless", podAddress)])
        {
            foreach (var suffix in (string[])["", $".{pod.Namespace}", $".{pod.Namespace}.svc", $".{pod.Namespace}.svc.cluster.local"])
            {
                await pod.ResolvesAsync(() => pod.GetentAsync(name + suffix), expected);
            }
        }
        Assert.Equal($"0 100 8080 normal.{pod.Namespace}.svc.cluster.local.", await pod.DigAsync("+short", $"_http._tcp.normal.{pod.Namespace}.svc.cluster.local", "SRV"));
        Assert.Equal(
            $"0 100 8080 {podAddress.Replace('.', '-')}.headless.{pod.Namespace}.svc.cluster.local.",
            await pod.DigAsync("+short", $"_http._tcp.headless.{pod.Namespace}.svc.cluster.local", "SRV"));
        Assert.Equal($"normal.{pod.Namespace}.svc.cluster.local.", await pod.DigAsync("+short", "-x", address));
        Assert.Equal(podAddress, await pod.DigAsync("+short", $"{podAddress.Replace('.', '-')}.{pod.Namespace}.pod.cluster.local"));
    }

    [Fact]
    [Trait("Conformance", "dns-pqdn-for-services")]
    public async Task Services_resolve_by_part_of_their_name_with_addresses_and_ports()
    {
        var pod = await StartAsync();
        await pod.ApplyAsync(Service("normal", "selector: {app: back}"));
        var address = await pod.Kubectl.ReadAsync(Token, "service", "normal", "{.spec.clusterIP}");

        foreach (var name in (string[])["normal", $"normal.{pod.Namespace}", $"normal.{pod.Namespace}.svc"])
        {
            await pod.ResolvesAsync(() => pod.DigAsync("+short", "+search", name), address, lastLine: true);
            Assert.EndsWith($"8080 normal.{pod.Namespace}.svc.cluster.local.", await pod.DigAsync("+short", "+search", $"_http._tcp.{name}", "SRV"), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Conformance", "dns-resolve-the-hostname")]
    [Trait("Conformance", "dns-resolve-the-subdomain")]
    public async Task A_pod_with_a_hostname_and_a_subdomain_has_a_name_under_its_headless_Service()
    {
        var pod = await StartAsync();
        await pod.ApplyAsync(Service("sub", "clusterIP: None, selector: {app: back}"));
        await pod.RunBackendAsync("back", "hostname: host, subdomain: sub,");
        var address = await pod.Kubectl.ReadAsync(Token, "pod", "back", "{.status.podIP}");

        await pod.ResolvesAsync(() => pod.GetentAsync($"host.sub.{pod.Namespace}.svc.cluster.local"), address);
        await pod.ResolvesAsync(() => pod.GetentAsync($"sub.{pod.Namespace}.svc.cluster.local"), address);
        Assert.Equal($"host.sub.{pod.Namespace}.svc.cluster.local.", await pod.DigAsync("+short", "-x", address));
        Assert.Equal($"host.sub.{pod.Namespace}.svc.cluster.local", (await pod.Kubectl.RunAsync(Token, "exec", "back", "--", "hostname", "-f")).Trim());
    }

    [Fact]
    [Trait("Conformance", "dns-for-externalname-services")]
    public async Task An_ExternalName_Service_is_an_alias_that_follows_changes_and_may_become_an_address()
    {
        var pod = await StartAsync();
        await pod.ApplyAsync(Service("out", "type: ExternalName, externalName: one.example.com"));
        var name = $"out.{pod.Namespace}.svc.cluster.local";
        await pod.ResolvesAsync(() => pod.DigAsync("+short", name, "CNAME"), "one.example.com.");

        await pod.Kubectl.RunAsync(Token, "patch", "service", "out", "-p", """{"spec":{"externalName":"two.example.com"}}""");
        await pod.ResolvesAsync(() => pod.DigAsync("+short", name, "CNAME"), "two.example.com.");

        await pod.Kubectl.RunAsync(Token, "patch", "service", "out", "-p", """{"spec":{"type":"ClusterIP","externalName":null}}""");
        await pod.ResolvesAsync(() => pod.DigAsync("+short", name), await pod.Kubectl.ReadAsync(Token, "service", "out", "{.spec.clusterIP}"));
    }

    [Fact]
    [Trait("Conformance", "dns-cluster-etc-hosts")]
    public async Task A_pods_hosts_file_resolves_its_own_name()
    {
        var pod = await StartAsync();
        var address = await pod.Kubectl.ReadAsync(Token, "pod", "client", "{.status.podIP}");
        var server = await AddressAsync(pod.Kubectl, "default", "kubernetes");

        Assert.Equal(address, await pod.GetentAsync("client"));
        Assert.Contains("# Kubernetes-managed hosts file.", await pod.ExecAsync("cat", "/etc/hosts"), StringComparison.Ordinal);
        Assert.Equal(server, await pod.GetentAsync("kubernetes.default"));
    }

    [Fact]
    [Trait("Conformance", "dns-custom-dnsconfig")]
    public async Task A_pod_of_policy_None_uses_the_servers_and_searches_that_it_names()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var dns = await AddressAsync(kubectl, "kube-system", "kube-dns");
        var pod = await StartAsync($"dnsPolicy: None, dnsConfig: {{nameservers: [{dns}], searches: [default.svc.cluster.local], options: [{{name: ndots, value: '2'}}]}},");

        Assert.Equal(
            ["search default.svc.cluster.local", $"nameserver {dns}", "options ndots:2"],
            (await pod.ExecAsync("cat", "/etc/resolv.conf")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(await AddressAsync(kubectl, "default", "kubernetes"), await pod.GetentAsync("kubernetes"));
    }

    /// <summary>A Service's address: clusters that run side by side take ranges of their own.</summary>
    private static Task<string> AddressAsync(Kubectl kubectl, string @namespace, string service) =>
        kubectl.RunAsync(Token, "get", "service", service, "--namespace", @namespace, "--output", "jsonpath={.spec.clusterIP}");

    private static string Service(string name, string spec) =>
        $$"""{apiVersion: v1, kind: Service, metadata: {name: {{name}}}, spec: { {{spec}}, ports: [{name: http, port: 8080}] } }""";

    private async Task<ResolverPod> StartAsync(string spec = "")
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await ResolverImage.ImportAsync(cluster.Program, Token);
        var pod = new ResolverPod(kubectl, Token);
        await pod.ApplyAsync($$"""
            {apiVersion: v1, kind: Pod, metadata: {name: client}, spec: { {{spec}} containers: [{name: client, image: '{{ResolverImage.Name}}'}] } }
            """);
        await kubectl.RunAsync(Token, "wait", "--for=condition=Ready", "pod/client", "--timeout=60s");
        return pod;
    }
}
