using System.Text;
using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Tests.Authentication;

/// <summary>Who is believed by a file of tokens or of passwords.</summary>
public sealed class CredentialFileTests
{
    [Fact]
    public async Task A_token_of_the_file_stands_for_its_user()
    {
        await using var server = await IdentityServer.StartAsync(files: new() { ["--token-auth-file"] = "t0ken,alice,u1,\"dev,ops\"\nother,bob,u2\n" });

        var (_, alice) = await server.WhoAsync("Bearer t0ken");
        var (_, bob) = await server.WhoAsync("Bearer other");
        var (code, status) = await server.WhoAsync("Bearer t0ken2");

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"username":"alice","uid":"u1","groups":["dev","ops","system:authenticated"]}"""), alice));
        Assert.Equal("bob", (string)bob["username"]!);
        Assert.Equal((401, "Unauthorized", "Failure"), (code, (string)status["message"]!, (string)status["status"]!));
    }

    [Fact]
    public async Task A_name_and_its_password_of_the_file_are_believed()
    {
        await using var server = await IdentityServer.StartAsync(files: new() { ["--basic-auth-file"] = "pass:word,alice,u1,dev\n" });

        Assert.Equal("alice", (string)(await server.WhoAsync(Basic("alice:pass:word"))).User["username"]!);
        Assert.Equal(401, (await server.WhoAsync(Basic("alice:password"))).Code);
        Assert.Equal(401, (await server.WhoAsync(Basic("bob:pass:word"))).Code);
        Assert.Equal(401, (await server.WhoAsync("Basic ???")).Code);
    }

    [Theory]
    [InlineData("--token-auth-file", "t,alice,u1\nt,alice\n", "line 2: must have at least 3 columns (token, user name, user uid), found 2")]
    [InlineData("--basic-auth-file", ",alice,u1\n", "line 1: the password is empty")]
    public async Task A_file_that_makes_no_sense_is_told_at_the_start(string flag, string text, string expected)
    {
        var problem = await Assert.ThrowsAnyAsync<FormatException>(() => IdentityServer.StartAsync(files: new() { [flag] = text }));

        Assert.StartsWith(flag, problem.Message, StringComparison.Ordinal);
        Assert.EndsWith(expected, problem.Message, StringComparison.Ordinal);
    }

    private static string Basic(string credentials) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
}
