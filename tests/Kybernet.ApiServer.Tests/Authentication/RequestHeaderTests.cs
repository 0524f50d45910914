using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Tests.Authentication;

/// <summary>Who is believed by what a proxy says that authenticates users.</summary>
public sealed class RequestHeaderTests
{
    private static readonly (string, string) Alice = ("X-Remote-User", "alice");

    [Fact]
    public async Task A_proxy_that_proves_to_be_one_is_believed_who_its_user_is()
    {
        await using var server = await IdentityServer.StartAsync(new() { ["--requestheader-uid-headers"] = "X-Remote-Uid" });
        using var proxy = IdentityServer.Client("CN=front-proxy-client", IdentityServer.ProxyAuthority);

        var (_, user) = await server.WhoAsync("", proxy, Alice, ("X-Remote-Uid", "u1"), ("X-Remote-Group", "dev"), ("X-Remote-Extra-Example.com%2fTeam", "blue"));

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"username":"alice","uid":"u1","groups":["dev","system:authenticated"],"extra":{"example.com/team":["blue"]}}"""), user), user.ToJsonString());
    }

    [Fact]
    public async Task Nobody_else_may_name_a_user()
    {
        await using var server = await IdentityServer.StartAsync(files: new() { ["--token-auth-file"] = "t,bob,u2" });
        using var stranger = IdentityServer.Client("CN=somebody", IdentityServer.ProxyAuthority);
        using var forger = IdentityServer.Client("CN=front-proxy-client", Streaming.StreamingServer.Certificate("CN=proxy-ca", null, ""));

        Assert.Equal(401, (await server.WhoAsync("", stranger, Alice)).Code);
        Assert.Equal(401, (await server.WhoAsync("", forger, Alice)).Code);
        Assert.Equal("bob", (string)(await server.WhoAsync("Bearer t", null, Alice)).User["username"]!);
    }

    [Fact]
    public async Task Headers_and_names_are_what_the_flags_say_and_extension_servers_are_told()
    {
        await using var server = await IdentityServer.StartAsync(
            new() { ["--requestheader-allowed-names"] = "front-proxy-client,gate", ["--requestheader-username-headers"] = "X-User,X-Remote-User" });
        using var gate = IdentityServer.Client("CN=gate", IdentityServer.ProxyAuthority);

        var (_, user) = await server.WhoAsync("", gate, ("X-User", "carol"), Alice);
        var (_, told) = await server.Server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication");

        Assert.Equal("carol", (string)user["username"]!);
        Assert.Equal("""["front-proxy-client","gate"]""", (string)told!["data"]!["requestheader-allowed-names"]!);
        Assert.Equal("""["X-User","X-Remote-User"]""", (string)told["data"]!["requestheader-username-headers"]!);
    }
}
