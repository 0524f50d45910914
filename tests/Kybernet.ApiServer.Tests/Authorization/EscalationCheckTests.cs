using Kybernet.Api.Json;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization.Rbac;
using Kybernet.ApiServer.Pipeline;
using static Kybernet.ApiServer.Tests.Authorization.Requests;

namespace Kybernet.ApiServer.Tests.Authorization;

public sealed class EscalationCheckTests : IDisposable
{
    private readonly FakeFeeds _feeds = new();
    private readonly RbacIndex _index;
    private readonly EscalationCheck _check;

    public EscalationCheckTests()
    {
        _index = new RbacIndex(_feeds);
        var rbac = new RbacAuthorizer(_index);
        _check = new EscalationCheck(_index, rbac, rbac);
        _feeds.Set(ClusterRole("held", Rule("get,list", "pods")));
        _feeds.Set(ClusterBinding("b", "held", Named("User", "alice")));
    }

    public void Dispose() => _index.Dispose();

    [Fact]
    public async Task Nobody_writes_a_role_beyond_what_they_hold()
    {
        await CheckAsync(User("alice"), ClusterRole("fine", Rule("get", "pods")));

        var error = await Assert.ThrowsAsync<ApiError>(() => CheckAsync(User("alice"), ClusterRole("more", Rule("get,delete", "pods"))));
        Assert.Equal(403, error.Code);
        Assert.Equal(
            "clusterroles.rbac.authorization.k8s.io \"more\" is forbidden: user \"alice\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
            + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}",
            error.Message);
        await CheckAsync(User("admin", "system:masters"), ClusterRole("more", Rule("get,delete", "pods")));
    }

    [Fact]
    public async Task Who_may_escalate_writes_any_role()
    {
        _feeds.Set(ClusterRole("escalator", Rule("escalate", "clusterroles", "rbac.authorization.k8s.io")));
        _feeds.Set(ClusterBinding("e", "escalator", Named("User", "alice")));

        await CheckAsync(User("alice"), ClusterRole("more", Rule("delete", "nodes")));
    }

    [Fact]
    public async Task A_binding_is_held_against_the_role_that_it_names()
    {
        _feeds.Set(ClusterRole("strong", Rule("delete", "nodes")));

        await CheckAsync(User("alice"), ClusterBinding("x", "held", Named("User", "bob")));
        Assert.Equal(403, (await Assert.ThrowsAsync<ApiError>(() => CheckAsync(User("alice"), ClusterBinding("x", "strong", Named("User", "bob"))))).Code);
        Assert.Equal(404, (await Assert.ThrowsAsync<ApiError>(() => CheckAsync(User("alice"), ClusterBinding("x", "absent", Named("User", "bob"))))).Code);

        _feeds.Set(ClusterRole("binder", Rule("bind", "clusterroles", "rbac.authorization.k8s.io", "strong")));
        _feeds.Set(ClusterBinding("may", "binder", Named("User", "alice")));
        await CheckAsync(User("alice"), ClusterBinding("x", "strong", Named("User", "bob")));
    }

    private Task CheckAsync<T>(UserInfo user, T item)
        where T : class, IResourceObject<T> => _check.ValidateAsync(
            new AdmissionRequest(
                AdmissionOperation.Create, T.Resource, T.GroupVersionKind, "", item.Metadata.Namespace ?? "", item.Metadata.Name!, user)
            {
                Object = ModelJson.ToTree(item),
            },
            TestContext.Current.CancellationToken).AsTask();
}
