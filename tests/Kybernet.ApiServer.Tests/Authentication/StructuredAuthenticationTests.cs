using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Tests.Authentication;

/// <summary>Who is believed by the tokens of an issuer of OpenID Connect.</summary>
public sealed class StructuredAuthenticationTests
{
    private const string Flag = "--authentication-config";

    private const string Mappings = """
        {"username":{"expression":"claims.sub"},"groups":{"claim":"groups","prefix":"oidc:"},"uid":{"expression":"claims.?oid.orValue('')"},
         "extra":[{"key":"example.com/team","valueExpression":"claims.?team.orValue('')"}]}
        """;

    [Fact]
    public async Task Claims_become_the_user_as_the_configuration_says()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await StartAsync(Configuration(issuer, Mappings));

        var (code, user) = await server.WhoAsync("Bearer " + issuer.Token("""{"sub":"alice","groups":["dev","ops"],"oid":"u1","team":"blue"}"""));

        Assert.True(code == 201 && JsonNode.DeepEquals(
            JsonNode.Parse("""{"username":"alice","uid":"u1","groups":["oidc:dev","oidc:ops","system:authenticated"],"extra":{"example.com/team":["blue"]}}"""), user), user.ToJsonString());
    }

    [Theory]
    [InlineData("""{"sub":"alice","aud":"another"}""", false)]
    [InlineData("""{"sub":"alice","exp":1700000000}""", false)]
    [InlineData("""{"sub":"alice","exp":null}""", false)]
    [InlineData("""{"sub":"alice","nbf":4000000000}""", false)]
    [InlineData("""{"sub":"alice","iss":"https://example.com"}""", false)]
    [InlineData("""{"sub":["alice","bob"]}""", false)]
    [InlineData("""{"groups":["dev"]}""", false)]
    [InlineData("""{"sub":"alice","groups":[1]}""", false)]
    [InlineData("""{"sub":"alice","hd":"elsewhere"}""", false)]
    [InlineData("""{"sub":"system:admin"}""", false)]
    [InlineData("""{"sub":"alice"}""", true)]
    public async Task A_token_that_is_not_as_it_has_to_be_is_refused(string claims, bool forged)
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await StartAsync(Configuration(issuer, Mappings,
            """
            ,"claimValidationRules":[{"expression":"!has(claims.hd) || claims.hd == 'here'","message":"must be of here"}],
             "userValidationRules":[{"expression":"!user.username.startsWith('system:')","message":"reserved"}]
            """));

        Assert.Equal(401, (await server.WhoAsync("Bearer " + issuer.Token(claims, forged))).Code);
        Assert.Equal(201, (await server.WhoAsync("Bearer " + issuer.Token("""{"sub":"alice","hd":"here"}"""))).Code);
    }

    [Fact]
    public async Task Keys_are_fetched_once_and_again_when_a_token_names_a_new_one()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await StartAsync(Configuration(issuer, Mappings));

        foreach (var algorithm in new[] { "RS384", "RS512", "ES256", "ES384", "ES512", "PS256" })
        {
            issuer.NewKey(algorithm);
            Assert.Equal((201, 201), ((await server.WhoAsync("Bearer " + issuer.Token("""{"sub":"a"}"""))).Code, (await server.WhoAsync("Bearer " + issuer.Token("""{"sub":"b"}"""))).Code));
        }
        Assert.Equal(6, issuer.Fetches);
    }

    [Fact]
    public async Task A_token_review_knows_such_tokens()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await StartAsync(Configuration(issuer, Mappings));
        var review = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenReview", ["spec"] = new JsonObject { ["token"] = issuer.Token("""{"sub":"alice"}""") } };

        var (_, answer) = await server.Server.SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", review.ToJsonString());

        Assert.True((bool)answer!["status"]!["authenticated"]!);
        Assert.Equal("alice", (string)answer["status"]!["user"]!["username"]!);
    }

    [Fact]
    public async Task A_changed_file_is_followed()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await StartAsync(Configuration(issuer, Mappings));

        await File.WriteAllTextAsync(
            server.FileOf(Flag), Configuration(issuer, """{"username":{"claim":"sub","prefix":"new:"}}"""), TestContext.Current.CancellationToken);
        var names = await Audit.Eventually.HasAsync(() => NamesAsync().GetAwaiter().GetResult(), 1);

        Assert.Equal(["new:alice"], names);

        async Task<string[]> NamesAsync()
        {
            var (_, user) = await server.WhoAsync("Bearer " + issuer.Token("""{"sub":"alice"}"""));
            return (string)user["username"]! == "alice" ? [] : [(string)user["username"]!];
        }
    }

    [Fact]
    public async Task The_flags_say_the_same_in_other_words()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var server = await IdentityServer.StartAsync(
            new() { ["--oidc-issuer-url"] = issuer.Url, ["--oidc-client-id"] = "kybernet", ["--oidc-groups-claim"] = "groups", ["--oidc-required-claim"] = "hd=here" },
            new() { ["--oidc-ca-file"] = issuer.Authority });

        var (_, user) = await server.WhoAsync("Bearer " + issuer.Token("""{"sub":"alice","hd":"here","groups":"dev"}"""));
        var (code, _) = await server.WhoAsync("Bearer " + issuer.Token("""{"sub":"alice","hd":"there"}"""));

        Assert.Equal(($"{issuer.Url}#alice", "dev", 401), ((string)user["username"]!, (string)user["groups"]![0]!, code));
    }

    [Fact]
    public async Task Anonymous_requests_are_let_through_for_the_paths_that_are_named()
    {
        await using var server = await StartAsync("""
            {"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","anonymous":{"enabled":true,"conditions":[{"path":"/version"}]}}
            """);

        Assert.Equal(200, (await server.AskAsync(HttpMethod.Get, "/version", "")).Code);
        Assert.Equal(401, (await server.AskAsync(HttpMethod.Get, "/api", "")).Code);
    }

    [Theory]
    [InlineData("""{"url":"http://a","audiences":["x"]}""", """{"username":{"claim":"sub","prefix":""}}""", "jwt[0].issuer.url: Invalid value: \"http://a\": URL scheme must be https")]
    [InlineData("""{"url":"https://a"}""", """{"username":{"claim":"sub","prefix":""}}""", "jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required")]
    [InlineData("""{"url":"https://a","audiences":["x","y"]}""", """{"username":{"claim":"sub","prefix":""}}""", "jwt[0].issuer.audienceMatchPolicy: Invalid value: \"\": audienceMatchPolicy must be MatchAny for multiple audiences")]
    [InlineData("""{"url":"https://a","audiences":["x"]}""", """{"username":{"claim":"sub"}}""", "jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing")]
    [InlineData("""{"url":"https://a","audiences":["x"]}""", "{}", "jwt[0].claimMappings.username: Required value: claim or expression is required")]
    [InlineData("""{"url":"https://a","audiences":["x"],"urls":1}""", "{}", "strict decoding error: unknown field \"jwt[0].issuer.urls\"")]
    public async Task A_configuration_that_makes_no_sense_is_told_at_the_start_by_its_field(string issuer, string mappings, string expected)
    {
        var problem = await Assert.ThrowsAnyAsync<FormatException>(() => StartAsync(
            $$"""{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","jwt":[{"issuer":{{issuer}},"claimMappings":{{mappings}}}]}"""));

        Assert.EndsWith(expected, problem.Message, StringComparison.Ordinal);
    }

    private static Task<IdentityServer> StartAsync(string configuration) => IdentityServer.StartAsync(files: new() { [Flag] = configuration });

    private static string Configuration(TokenIssuer issuer, string mappings, string rules = "") => $$"""
        {"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","jwt":[
        {"issuer":{"url":"{{issuer.Url}}","audiences":["kybernet"],"certificateAuthority":{{JsonValue.Create(issuer.Authority).ToJsonString()}} },"claimMappings":{{mappings}}{{rules}} }]}
        """;
}
