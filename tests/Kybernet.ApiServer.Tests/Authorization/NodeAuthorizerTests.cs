using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Authorization.Node;
using Kybernet.ApiServer.Bootstrap;
using Kybernet.ApiServer.Pipeline;
using static Kybernet.ApiServer.Tests.Authorization.Requests;

namespace Kybernet.ApiServer.Tests.Authorization;

public sealed class NodeAuthorizerTests : IDisposable
{
    private readonly FakeFeeds _feeds = new();
    private readonly NodeGraph _graph;
    private readonly NodeAuthorizer _authorizer;

    public NodeAuthorizerTests()
    {
        _graph = new NodeGraph(_feeds);
        _authorizer = new NodeAuthorizer(_graph, BootstrapPolicy.NodeRules());
    }

    public void Dispose() => _graph.Dispose();

    [Fact]
    public async Task A_node_reads_what_its_pods_refer_to_and_only_while_they_do()
    {
        var request = To("get", "secrets", "default", "password");
        Assert.False(await MayAsync("n1", request));

        _feeds.Set(PodOn("n1"));
        Assert.True(await MayAsync("n1", request));
        Assert.True(await MayAsync("n1", To("watch", "configmaps", "default", "settings")));
        Assert.True(await MayAsync("n1", To("create", "serviceaccounts", "default", "web", "", "token")));
        Assert.False(await MayAsync("n2", request));
        Assert.False(await MayAsync("n1", To("get", "secrets", "other", "password")));
        Assert.False(await MayAsync("n1", To("list", "secrets", "default")));

        _feeds.Remove<Pod>("default", "web");
        Assert.False(await MayAsync("n1", request));
    }

    [Theory]
    [InlineData("get", "nodes", "", "n1", "", "", true)]
    [InlineData("get", "nodes", "", "n2", "", "", false)]
    [InlineData("patch", "nodes", "", "n1", "", "status", true)]
    [InlineData("list", "pods", "", "", "", "", true)]
    [InlineData("patch", "pods", "default", "web", "", "status", true)]
    [InlineData("update", "leases", "kube-node-lease", "n1", "coordination.k8s.io", "", true)]
    [InlineData("update", "leases", "kube-node-lease", "n2", "coordination.k8s.io", "", false)]
    [InlineData("update", "leases", "default", "n1", "coordination.k8s.io", "", false)]
    [InlineData("delete", "nodes", "", "n1", "", "", false)]
    [InlineData("list", "services", "", "", "", "", true)]
    [InlineData("list", "deployments", "", "", "apps", "", false)]
    public async Task A_node_has_the_rules_of_its_role(string verb, string resource, string ns, string name, string group, string subresource, bool allowed) =>
        Assert.Equal(allowed, await MayAsync("n1", To(verb, resource, ns, name, group, subresource)));

    [Fact]
    public async Task A_refusal_says_what_is_missing()
    {
        var decision = await _authorizer.AuthorizeAsync(
            User("system:node:n1", "system:nodes"), To("get", "configmaps", "default", "x"), TestContext.Current.CancellationToken);
        Assert.Equal("no relationship found between node 'n1' and this object", decision.Reason);
    }

    [Fact]
    public async Task A_node_changes_only_itself_and_its_pods()
    {
        var plugin = new NodeRestriction(_feeds);
        _feeds.Set(PodOn("n1"));
        var own = new Node { Metadata = new ObjectMeta { Name = "n1" } };
        await CheckAsync(plugin, AdmissionOperation.Create, own, "n1");
        await RefusedAsync(() => CheckAsync(plugin, AdmissionOperation.Create, own, "n2"));
        await RefusedAsync(() => CheckAsync(
            plugin,
            AdmissionOperation.Create,
            new Node { Metadata = new ObjectMeta { Name = "n1", Labels = new Dictionary<string, string> { ["node-role.kubernetes.io/control-plane"] = "" } } },
            "n1"));
        await CheckAsync(plugin, AdmissionOperation.Update, PodOn("n1"), "n1", "status");
        await RefusedAsync(() => CheckAsync(plugin, AdmissionOperation.Update, PodOn("n1"), "n2", "status"));
        await RefusedAsync(() => CheckAsync(plugin, AdmissionOperation.Create, PodOn("n1"), "n1"));
    }

    private static async Task RefusedAsync(Func<Task> write) => Assert.Equal(403, (await Assert.ThrowsAsync<ApiError>(write)).Code);

    private static Task CheckAsync<T>(NodeRestriction plugin, AdmissionOperation operation, T item, string node, string subresource = "")
        where T : class, IResourceObject<T> => plugin.ValidateAsync(
            new AdmissionRequest(
                operation, T.Resource, T.GroupVersionKind, subresource, item.Metadata.Namespace ?? "", item.Metadata.Name!, User($"system:node:{node}", "system:nodes"))
            {
                Object = ModelJson.ToTree(item),
            },
            TestContext.Current.CancellationToken).AsTask();

    private async Task<bool> MayAsync(string node, RequestInfo request) =>
        (await _authorizer.AuthorizeAsync(User($"system:node:{node}", "system:nodes"), request, TestContext.Current.CancellationToken)).Allowed;

    private static Pod PodOn(string node) => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "default", Uid = "u1" },
        Spec = new PodSpec
        {
            NodeName = node,
            ServiceAccountName = "web",
            Containers = [new Container { Name = "c", EnvFrom = [new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = "settings" } }] }],
            Volumes = [new Volume { Name = "v", Secret = new SecretVolumeSource { SecretName = "password" } }],
        },
    };
}
