using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Authorization.Rbac;
using Kybernet.ApiServer.Pipeline;
using static Kybernet.ApiServer.Tests.Authorization.Requests;

namespace Kybernet.ApiServer.Tests.Authorization;

public sealed class RbacAuthorizerTests : IDisposable
{
    private readonly FakeFeeds _feeds = new();
    private readonly RbacIndex _index;
    private readonly RbacAuthorizer _authorizer;

    public RbacAuthorizerTests()
    {
        _index = new RbacIndex(_feeds);
        _authorizer = new RbacAuthorizer(_index);
    }

    public void Dispose() => _index.Dispose();

    [Fact]
    public async Task A_binding_to_a_group_allows_its_members_and_says_why()
    {
        _feeds.Set(ClusterRole("reader", Rule("get,list", "pods")));
        _feeds.Set(ClusterBinding("readers", "reader", Named("Group", "team")));

        var decision = await DecideAsync(User("alice", "team"), To("list", "pods", "default"));

        Assert.True(decision.Allowed);
        Assert.Equal("RBAC: allowed by ClusterRoleBinding \"readers\" of ClusterRole \"reader\" to Group \"team\"", decision.Reason);
        Assert.False((await DecideAsync(User("bob"), To("list", "pods", "default"))).Allowed);
    }

    [Fact]
    public async Task A_role_binding_holds_in_its_namespace_only()
    {
        _feeds.Set(ClusterRole("reader", Rule("get", "pods")));
        _feeds.Set(Binding("dev", "readers", "ClusterRole", "reader", Named("User", "alice")));

        var decision = await DecideAsync(User("alice"), To("get", "pods", "dev", "a"));
        Assert.Equal("RBAC: allowed by RoleBinding \"readers/dev\" of ClusterRole \"reader\" to User \"alice\"", decision.Reason);
        Assert.False((await DecideAsync(User("alice"), To("get", "pods", "prod", "a"))).Allowed);
        Assert.False((await DecideAsync(User("alice"), To("get", "pods", "", "a"))).Allowed);
    }

    [Fact]
    public async Task A_service_account_is_matched_by_namespace_and_name()
    {
        _feeds.Set(new Role { Metadata = new ObjectMeta { Name = "r", Namespace = "dev" }, Rules = [Rule("get", "secrets")] });
        _feeds.Set(Binding("dev", "b", "Role", "r", Account("ci", "robot")));

        var decision = await DecideAsync(User("system:serviceaccount:ci:robot"), To("get", "secrets", "dev", "a"));
        Assert.Equal("RBAC: allowed by RoleBinding \"b/dev\" of Role \"r\" to ServiceAccount \"robot/ci\"", decision.Reason);
        Assert.False((await DecideAsync(User("system:serviceaccount:ci2:robot"), To("get", "secrets", "dev", "a"))).Allowed);
        Assert.False((await DecideAsync(User("system:serviceaccount:ci:robot2"), To("get", "secrets", "dev", "a"))).Allowed);
    }

    [Theory]
    [InlineData("get", "pods", "log", "", true)]
    [InlineData("get", "pods", "exec", "", false)]
    [InlineData("get", "pods", "", "", false)]
    [InlineData("update", "deployments", "scale", "apps", true)]
    [InlineData("update", "things", "scale", "example.com", true)]
    [InlineData("update", "deployments", "", "apps", false)]
    [InlineData("get", "configmaps", "", "", true)]
    [InlineData("delete", "configmaps", "", "", false)]
    public async Task Subresources_and_wildcards_match_as_upstream(string verb, string resource, string subresource, string group, bool allowed)
    {
        _feeds.Set(ClusterRole(
            "r",
            Rule("get", "pods/log"),
            new PolicyRule { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*/scale"] },
            Rule("get", "configmaps")));
        _feeds.Set(ClusterBinding("b", "r", Named("User", "alice")));

        Assert.Equal(allowed, (await DecideAsync(User("alice"), To(verb, resource, "default", "x", group, subresource))).Allowed);
    }

    [Fact]
    public async Task Names_restrict_a_rule_and_are_not_confused_by_what_was_decided_before()
    {
        _feeds.Set(ClusterRole("r", Rule("get", "configmaps", "", "a", "b")));
        _feeds.Set(ClusterBinding("b", "r", Named("User", "alice")));
        var alice = User("alice");

        Assert.True((await DecideAsync(alice, To("get", "configmaps", "default", "a"))).Allowed);
        Assert.False((await DecideAsync(alice, To("get", "configmaps", "default", "c"))).Allowed);
        Assert.True((await DecideAsync(alice, To("get", "configmaps", "default", "b"))).Allowed);
        Assert.False((await DecideAsync(alice, To("get", "configmaps", "default"))).Allowed);
    }

    [Theory]
    [InlineData("/healthz", true)]
    [InlineData("/healthz/etcd", false)]
    [InlineData("/apis/apps", true)]
    [InlineData("/apis", false)]
    public async Task Paths_match_whole_or_up_to_a_star(string path, bool allowed)
    {
        _feeds.Set(ClusterRole("r", new PolicyRule { Verbs = ["get"], NonResourceURLs = ["/healthz", "/apis/*"] }));
        _feeds.Set(ClusterBinding("b", "r", Named("Group", "system:authenticated")));

        Assert.Equal(allowed, (await DecideAsync(User("alice"), Path("get", path))).Allowed);
    }

    [Fact]
    public async Task A_change_of_a_role_or_binding_holds_from_the_next_request()
    {
        var alice = User("alice");
        var request = To("get", "pods", "default", "a");
        Assert.False((await DecideAsync(alice, request)).Allowed);

        _feeds.Set(ClusterBinding("b", "r", Named("User", "alice")));
        var missing = await DecideAsync(alice, request);
        Assert.False(missing.Allowed);
        Assert.Equal("RBAC: clusterrole.rbac.authorization.k8s.io \"r\" not found", missing.Reason);

        _feeds.Set(ClusterRole("r", Rule("get", "pods")));
        Assert.True((await DecideAsync(alice, request)).Allowed);

        _feeds.Remove<ClusterRoleBinding>("", "b");
        Assert.False((await DecideAsync(alice, request)).Allowed);
    }

    [Fact]
    public void A_refusal_reads_as_upstreams()
    {
        var alice = User("alice");
        Assert.Equal(
            "pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"",
            ForbiddenError.For(alice, To("list", "pods", "default"), "").Message);
        Assert.Equal(
            "pods \"a\" is forbidden: User \"alice\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"default\"",
            ForbiddenError.For(alice, To("get", "pods", "default", "a", "", "log"), "").Message);
        Assert.Equal(
            "clusterroles.rbac.authorization.k8s.io is forbidden: User \"alice\" cannot list resource \"clusterroles\" in API group \"rbac.authorization.k8s.io\" at the cluster scope: because",
            ForbiddenError.For(alice, To("list", "clusterroles", group: "rbac.authorization.k8s.io"), "because").Message);
        var path = ForbiddenError.For(alice, Path("get", "/foo"), "");
        Assert.Equal("forbidden: User \"alice\" cannot get path \"/foo\"", path.Message);
        Assert.Equal(403, path.Code);
    }

    [Fact]
    public async Task A_superuser_needs_no_role()
    {
        var union = new UnionAuthorizer([new SuperuserAuthorizer(), _authorizer]);

        Assert.True((await union.AuthorizeAsync(User("admin", "system:masters"), To("delete", "nodes"), TestContext.Current.CancellationToken)).Allowed);
        Assert.False((await union.AuthorizeAsync(User("alice"), To("delete", "nodes"), TestContext.Current.CancellationToken)).Allowed);
    }

    [Fact]
    public async Task A_decided_question_costs_next_to_no_allocation_when_asked_again()
    {
        _feeds.Set(ClusterRole("r", Rule("get", "pods")));
        _feeds.Set(ClusterBinding("b", "r", Named("User", "alice")));
        var alice = User("alice");
        var request = To("get", "pods", "default", "a");
        for (var i = 0; i < 100; i++)
        {
            Assert.True((await DecideAsync(alice, request)).Allowed);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(_authorizer.AuthorizeAsync(alice, request, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    private ValueTask<AuthorizationDecision> DecideAsync(UserInfo user, RequestInfo request) =>
        _authorizer.AuthorizeAsync(user, request, TestContext.Current.CancellationToken);
}
