using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization.Rbac;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Tests.Authorization;
using Microsoft.AspNetCore.Http;
using static Kybernet.ApiServer.Tests.Authorization.Requests;

namespace Kybernet.ApiServer.Tests.Authentication;

public sealed class ImpersonationTests : IDisposable
{
    private readonly FakeFeeds _feeds = new();
    private readonly RbacIndex _index;
    private readonly Impersonation _impersonation;

    public ImpersonationTests()
    {
        _index = new RbacIndex(_feeds);
        _impersonation = new Impersonation(new RbacAuthorizer(_index));
        _feeds.Set(ClusterRole("i", Rule("impersonate", "users,groups,serviceaccounts"), Rule("impersonate", "userextras/scopes,uids", "authentication.k8s.io")));
        _feeds.Set(ClusterBinding("b", "i", Named("User", "alice")));
    }

    public void Dispose() => _index.Dispose();

    [Fact]
    public async Task Who_may_acts_as_another_with_groups_uid_and_extra()
    {
        var user = await ApplyAsync("alice", ("Impersonate-User", "bob"), ("Impersonate-Group", "dev"), ("Impersonate-Uid", "7"), ("Impersonate-Extra-Scopes", "view"));

        Assert.Equal("bob", user.Name);
        Assert.Equal(["dev", "system:authenticated"], user.Groups);
        Assert.Equal("7", user.Uid);
        Assert.Equal(["view"], user.Extra["scopes"]);
    }

    [Fact]
    public async Task A_service_account_brings_its_groups()
    {
        var user = await ApplyAsync("alice", ("Impersonate-User", "system:serviceaccount:dev:robot"));
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:dev", "system:authenticated"], user.Groups);
    }

    [Fact]
    public async Task Who_may_not_is_refused()
    {
        var error = await Assert.ThrowsAsync<ApiError>(() => ApplyAsync("mallory", ("Impersonate-User", "bob")));
        Assert.Equal("users \"bob\" is forbidden: User \"mallory\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", error.Message);
        await Assert.ThrowsAsync<ApiError>(() => ApplyAsync("alice", ("Impersonate-Group", "dev")));
        Assert.Equal("alice", (await ApplyAsync("alice")).Name);
    }

    private Task<UserInfo> ApplyAsync(string user, params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            dictionary[name] = value;
        }
        return _impersonation.ApplyAsync(Of(headers: dictionary), User(user), TestContext.Current.CancellationToken).AsTask();
    }
}
