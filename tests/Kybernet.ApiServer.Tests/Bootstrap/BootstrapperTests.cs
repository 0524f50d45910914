using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Flowcontrol.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Bootstrap;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Bootstrap;

public sealed class BootstrapperTests
{
    private static readonly BootstrapSettings Settings = new("10.96.0.0/12", "192.168.1.2", 6443, "CA");

    private readonly FakeServer _server = new();

    private ApiClient Client => new(_server);

    [Fact]
    public async Task A_first_start_makes_every_object_and_a_second_writes_nothing()
    {
        await EnsureAsync(Settings);
        var first = _server.Writes;
        await EnsureAsync(Settings);

        Assert.InRange(first, 150, 250);
        Assert.Equal(first, _server.Writes);
        Assert.Equal("10.96.0.1", (await GetAsync<Service>("default", "kubernetes")).Spec.ClusterIP);
        Assert.Equal("192.168.1.2", (await GetAsync<EndpointSlice>("default", "kubernetes")).Endpoints[0].Addresses[0]);
        Assert.Equal("CA", (await GetAsync<ConfigMap>("kube-system", "extension-apiserver-authentication")).Data["client-ca-file"]);
        Assert.Equal(10000, (await GetAsync<FlowSchema>("", "catch-all")).Spec.MatchingPrecedence);
    }

    [Fact]
    public async Task What_was_taken_away_is_put_back_and_what_was_added_is_left()
    {
        await EnsureAsync(Settings);
        var role = await GetAsync<ClusterRole>("", "system:basic-user");
        await Client.UpdateAsync(role with { Rules = [new PolicyRule { Verbs = ["get"], ApiGroups = ["x"], Resources = ["y"] }] }, TestContext.Current.CancellationToken);
        var binding = await GetAsync<ClusterRoleBinding>("", "system:basic-user");
        await Client.UpdateAsync(
            binding with { Subjects = [], Metadata = binding.Metadata with { Annotations = new Dictionary<string, string> { ["rbac.authorization.kubernetes.io/autoupdate"] = "false" } } },
            TestContext.Current.CancellationToken);

        await EnsureAsync(Settings);

        var rules = (await GetAsync<ClusterRole>("", "system:basic-user")).Rules;
        Assert.Contains(rules, rule => rule.Resources.Contains("y"));
        Assert.Contains(rules, rule => rule.Resources.Contains("selfsubjectreviews"));
        Assert.Empty((await GetAsync<ClusterRoleBinding>("", "system:basic-user")).Subjects);
    }

    [Fact]
    public async Task A_changed_address_changes_the_endpoints_only()
    {
        await EnsureAsync(Settings);
        var before = _server.Writes;

        await EnsureAsync(Settings with { AdvertiseAddress = "192.168.1.3" });

        Assert.Equal(before + 2, _server.Writes);
    }

    [Fact]
    public void The_roles_that_gather_others_have_gathered_them()
    {
        var roles = BootstrapPolicy.Objects().OfType<ClusterRole>().ToDictionary(role => role.Metadata.Name!);
        Assert.Contains(roles["view"].Rules, rule => rule.Resources.Contains("endpointslices"));
        Assert.DoesNotContain(roles["view"].Rules, rule => rule.Resources.Contains("secrets"));
        Assert.Contains(roles["edit"].Rules, rule => rule.Resources.Contains("secrets"));
        Assert.Contains(roles["admin"].Rules, rule => rule.Resources.Contains("rolebindings"));
        Assert.Contains(roles["cluster-admin"].Rules, rule => rule.NonResourceURLs.Contains("*"));
        Assert.Contains(roles["system:kube-scheduler"].Rules, rule => rule.Resources.Contains("leases") && rule.ResourceNames.Contains("kube-scheduler"));
    }

    private Task EnsureAsync(BootstrapSettings settings) => new Bootstrapper(Client, settings).EnsureAsync(TestContext.Current.CancellationToken);

    private Task<T> GetAsync<T>(string @namespace, string name)
        where T : class, Api.Json.IResourceObject<T> => Client.GetAsync<T>(@namespace, name, TestContext.Current.CancellationToken);
}
