using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;
using Kybernet.EndToEnd.Network;
using Kybernet.EndToEnd.Nodes;

namespace Kybernet.EndToEnd.Identity;

/// <summary>The tokens that containers find, and what they are good for.</summary>
public sealed class ServiceAccountTokenTests(ClusterFixture cluster)
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Conformance", "service-account-tokens-must-automount")]
    public async Task A_container_finds_its_token_the_clusters_authority_and_its_namespace()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.PodRunsAsync(PodYaml.Web());

        var token = await space.ExecAsync("pod", "main", "cat", $"{Folder}/token");

        Assert.Equal($"system:serviceaccount:{space.Name}:default", (await ReviewAsync(space, token)).Status.User!.Username);
        Assert.Equal((await space.GetAsync<ConfigMap>("kube-root-ca.crt")).Data["ca.crt"], await space.ExecAsync("pod", "main", "cat", $"{Folder}/ca.crt"));
        Assert.Equal(space.Name, await space.ExecAsync("pod", "main", "cat", $"{Folder}/namespace"));
    }

    [Theory]
    [InlineData("willing", null, true)]
    [InlineData("willing", "true", true)]
    [InlineData("willing", "false", false)]
    [InlineData("unwilling", null, false)]
    [InlineData("unwilling", "true", true)]
    [InlineData("unwilling", "false", false)]
    [Trait("Conformance", "service-account-tokens-auto-mount-optionally")]
    public async Task The_pod_decides_whether_it_has_a_token_and_else_its_account(string account, string? pod, bool isMounted)
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await space.ApplyAsync("""
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: willing}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: unwilling}
            automountServiceAccountToken: false
            """);

        var printed = await space.PodSucceedsAsync(PodYaml.Script(
            $"[ -s {Folder}/token ] && echo mounted || echo absent", pod: $"serviceAccountName: {account}" + (pod is null ? "" : $"\nautomountServiceAccountToken: {pod}")));

        Assert.Equal(isMounted ? "mounted\n" : "absent\n", printed);
    }

    [Fact]
    [Trait("Conformance", "tokenrequestprojection-should-mount-a-projected-volume-with-token-using-tokenrequest-api")]
    public async Task A_projected_volume_delivers_a_token_for_an_audience_of_its_own()
    {
        await using var space = await cluster.NamespaceAsync(Token);

        var printed = await space.PodSucceedsAsync(PodYaml.Script(
            "stat -L -c '%a %u %g' /tokens/vault; cat /tokens/vault",
            "volumeMounts: [{name: tokens, mountPath: /tokens}]",
            """
            securityContext: {runAsUser: 1000, runAsGroup: 3000}
            volumes:
            - name: tokens
              projected: {sources: [{serviceAccountToken: {path: vault, audience: vault, expirationSeconds: 3600}}]}
            """));

        // Who runs as one user has the file as theirs: nobody else may read it.
        var (mode, token) = (printed.Split('\n')[0], printed.Split('\n')[1]);
        Assert.Equal("600 1000 0", mode);
        var review = await ReviewAsync(space, token, "vault");
        Assert.Equal($"system:serviceaccount:{space.Name}:default", review.Status.User!.Username);
        Assert.Equal(["vault"], review.Status.Audiences);
        Assert.Equal(["pod"], review.Status.User.Extra["authentication.kubernetes.io/pod-name"]);
        Assert.NotEqual(true, (await ReviewAsync(space, token)).Status.Authenticated);
    }

    [Fact]
    [Trait("Conformance", "oidc-discovery-serviceaccountissuerdiscovery")]
    public async Task A_pod_can_check_its_token_with_what_the_server_publishes()
    {
        await using var space = await cluster.NamespaceAsync(Token);
        await ProgramImage.ImportAsync(cluster.Program, "kybernet.local/socat:1.0", ["/usr/bin/socat"], Token);
        // The server's certificate is held to the authority that the pod was given.
        var script = $$"""
            T=$(cat {{Folder}}/token); echo $T
            ask() { printf "GET $1 HTTP/1.0\r\nHost: kubernetes\r\nAuthorization: Bearer $T\r\n\r\n" | socat -t 60 - OPENSSL:kubernetes.default.svc:443,cafile={{Folder}}/ca.crt; echo; }
            { ask /.well-known/openid-configuration; ask /openid/v1/jwks; } | grep ^{
            """;
        var pod = PodYaml.Script(script.ReplaceLineEndings("; ")).Replace(PodYaml.Image, "kybernet.local/socat:1.0", StringComparison.Ordinal);
        var printed = await space.PodSucceedsAsync(pod);

        var lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var parts = lines[0].Split('.');
        var (header, claims) = (Part(parts[0]), Part(parts[1]));
        var discovery = JsonNode.Parse(lines[1])!;
        Assert.Equal(claims["iss"]!.GetValue<string>(), discovery["issuer"]!.GetValue<string>());
        Assert.EndsWith("/openid/v1/jwks", discovery["jwks_uri"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal($"system:serviceaccount:{space.Name}:default", claims["sub"]!.GetValue<string>());
        var key = JsonNode.Parse(lines[2])!["keys"]!.AsArray().Single(key => key!["kid"]!.GetValue<string>() == header["kid"]!.GetValue<string>())!;
        Assert.Equal(header["alg"]!.GetValue<string>(), key["alg"]!.GetValue<string>());
        Assert.True(IsSigned(key, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2])));
    }

    private static JsonNode Part(string text) => JsonNode.Parse(Base64Url.DecodeFromChars(text))!;

    private static bool IsSigned(JsonNode key, byte[] content, byte[] signature)
    {
        byte[] Number(string name) => Base64Url.DecodeFromChars(key[name]!.GetValue<string>());
        if (key["kty"]!.GetValue<string>() == "EC")
        {
            using var curve = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Number("x"), Y = Number("y") } });
            return curve.VerifyData(content, signature, HashAlgorithmName.SHA256);
        }
        using var rsa = RSA.Create(new RSAParameters { Modulus = Number("n"), Exponent = Number("e") });
        return rsa.VerifyData(content, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static Task<TokenReview> ReviewAsync(TestNamespace space, string token, params IReadOnlyList<string> audiences) =>
        space.Client.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token, Audiences = audiences } }, Token);
}
