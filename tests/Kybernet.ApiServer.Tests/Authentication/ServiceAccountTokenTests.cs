using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authentication.Tokens;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Tests.Authorization;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.ApiServer.Tests.Authentication;

public sealed class ServiceAccountTokenTests : IDisposable
{
    private const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeFeeds _feeds = new();
    private readonly List<SigningKey> _keys = [];

    public ServiceAccountTokenTests()
    {
        _feeds.Set(Account("sa-1"));
        _feeds.Set(new Node { Metadata = new ObjectMeta { Name = "n1", Uid = "node-1" } });
        _feeds.Set(new Pod
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "default", Uid = "pod-1" },
            Spec = new PodSpec { ServiceAccountName = "robot", NodeName = "n1" },
        });
    }

    public void Dispose() => _keys.ForEach(key => key.Dispose());

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task An_issued_token_authenticates_its_account(string algorithm)
    {
        var keys = Keys(algorithm);
        var token = Issue(keys, new TokenRequestSpec { BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = "web", Uid = "pod-1" } });
        var authenticator = Authenticator(keys);

        var identity = await authenticator.AuthenticateAsync(token.Status.Token!, [], TestContext.Current.CancellationToken);

        var user = identity!.User;
        Assert.Equal("system:serviceaccount:default:robot", user.Name);
        Assert.Equal("sa-1", user.Uid);
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"], user.Groups);
        Assert.Equal("web", user.Extra["authentication.kubernetes.io/pod-name"][0]);
        Assert.Equal("pod-1", user.Extra["authentication.kubernetes.io/pod-uid"][0]);
        Assert.Equal("n1", user.Extra["authentication.kubernetes.io/node-name"][0]);
        Assert.StartsWith("JTI=", user.Extra["authentication.kubernetes.io/credential-id"][0], StringComparison.Ordinal);
        Assert.Equal(_time.GetUtcNow().AddSeconds(3600), token.Status.ExpirationTimestamp);
        Assert.Same(user, (await authenticator.AuthenticateAsync(token.Status.Token!, [], TestContext.Current.CancellationToken))!.User);
    }

    [Fact]
    public async Task A_token_dies_with_what_it_is_bound_to()
    {
        var keys = Keys("ES256");
        var authenticator = Authenticator(keys);
        var bound = Issue(keys, new TokenRequestSpec { BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = "web" } }).Status.Token!;
        var unbound = Issue(keys, new TokenRequestSpec()).Status.Token!;

        _feeds.Remove<Pod>("default", "web");
        await RefusedAsync(authenticator, bound);
        Assert.NotNull(await authenticator.AuthenticateAsync(unbound, [], TestContext.Current.CancellationToken));

        _feeds.Set(Account("sa-2"));
        await RefusedAsync(authenticator, unbound);
    }

    [Fact]
    public async Task A_token_that_is_expired_tampered_or_meant_for_another_is_refused()
    {
        var keys = Keys("ES256");
        var authenticator = Authenticator(keys);
        var other = Issue(keys, new TokenRequestSpec { Audiences = ["vault"] }).Status.Token!;
        await RefusedAsync(authenticator, other);
        var identity = await authenticator.AuthenticateAsync(other, ["vault", "x"], TestContext.Current.CancellationToken);
        Assert.Equal(["vault"], identity!.Audiences);

        var token = Issue(keys, new TokenRequestSpec()).Status.Token!;
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).Replace("robot", "admin", StringComparison.Ordinal);
        await RefusedAsync(authenticator, $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{parts[2]}");
        await RefusedAsync(Authenticator(Keys("ES256")), token);

        Assert.NotNull(await authenticator.AuthenticateAsync(token, [], TestContext.Current.CancellationToken));
        _time.Advance(TimeSpan.FromHours(2));
        await RefusedAsync(authenticator, token);
    }

    [Fact]
    public async Task A_token_of_another_kind_is_left_to_others()
    {
        var authenticator = Authenticator(Keys("ES256"));
        Assert.Null(await authenticator.AuthenticateAsync("opaque", [], TestContext.Current.CancellationToken));
        Assert.Null(await authenticator.AuthenticateAsync("a.b.c", [], TestContext.Current.CancellationToken));
        var bearer = new BearerAuthenticator([authenticator, new StaticTokenAuthenticator(CredentialFile.Parse("opaque,alice,u1,\"a,b\"", "token"))]);
        var user = await bearer.AuthenticateAsync(Requests.Of("Bearer opaque"), TestContext.Current.CancellationToken);
        Assert.Equal("alice", user!.Name);
        Assert.Equal(["a", "b"], user.Groups);
        await Assert.ThrowsAsync<ApiError>(() => bearer.AuthenticateAsync(Requests.Of("Bearer nobody"), TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public void A_request_that_makes_no_sense_is_refused_in_upstreams_words()
    {
        var keys = Keys("ES256");
        var early = Assert.Throws<ApiError>(() => Issue(keys, new TokenRequestSpec { ExpirationSeconds = 60 }));
        Assert.Equal(422, early.Code);
        Assert.Contains("spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes", early.Message, StringComparison.Ordinal);
        var kind = Assert.Throws<ApiError>(() => Issue(keys, new TokenRequestSpec { BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Service", Name = "x" } }));
        Assert.Equal("cannot bind token to object of type /v1, Kind=Service", kind.Message);
        var uid = Assert.Throws<ApiError>(() => Issue(
            keys, new TokenRequestSpec { BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = "web", Uid = "old" } }));
        Assert.Equal(409, uid.Code);
        Assert.Equal(404, Assert.Throws<ApiError>(() => Handler(keys).Handle("default", "nobody", new TokenRequest())).Code);
    }

    [Fact]
    public void A_kubelets_token_outlives_what_was_asked_and_says_when_to_warn()
    {
        var keys = Keys("ES256");
        var token = Issue(keys, new TokenRequestSpec
        {
            ExpirationSeconds = 3607,
            BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = "web" },
        });

        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Status.Token!.Split('.')[1]))!;
        Assert.Equal(_time.GetUtcNow().AddDays(365).ToUnixTimeSeconds(), (long)claims["exp"]!);
        Assert.Equal(_time.GetUtcNow().AddSeconds(3607).ToUnixTimeSeconds(), (long)claims["kubernetes.io"]!["warnafter"]!);
        Assert.Equal(_time.GetUtcNow().AddSeconds(3607), token.Status.ExpirationTimestamp);
    }

    [Fact]
    public void The_published_keys_are_those_that_sign()
    {
        var discovery = new OpenIdDiscovery(Keys("RS256"), "https://127.0.0.1:6443");
        var keys = JsonNode.Parse(discovery.Keys.Span)!["keys"]![0]!;
        Assert.Equal("RS256", (string)keys["alg"]!);
        Assert.Equal("AQAB", (string)keys["e"]!);
        Assert.Equal("https://127.0.0.1:6443/openid/v1/jwks", (string)JsonNode.Parse(discovery.Configuration.Span)!["jwks_uri"]!);
    }

    private static async Task RefusedAsync(ServiceAccountTokenAuthenticator authenticator, string token) => Assert.Equal(
        401, (await Assert.ThrowsAsync<ApiError>(() => authenticator.AuthenticateAsync(token, [], TestContext.Current.CancellationToken).AsTask())).Code);

    private static ServiceAccount Account(string uid) => new() { Metadata = new ObjectMeta { Name = "robot", Namespace = "default", Uid = uid } };

    private TokenRequest Issue(ServiceAccountKeys keys, TokenRequestSpec spec) => Handler(keys).Handle("default", "robot", new TokenRequest { Spec = spec });

    private TokenRequestHandler Handler(ServiceAccountKeys keys) => new(keys, [Issuer], _feeds, _time);

    private ServiceAccountTokenAuthenticator Authenticator(ServiceAccountKeys keys) => new(keys, [Issuer], _feeds, _time);

    private ServiceAccountKeys Keys(string algorithm)
    {
        string pem;
        if (algorithm == "RS256")
        {
            using var rsa = RSA.Create(2048);
            pem = rsa.ExportPkcs8PrivateKeyPem();
        }
        else
        {
            using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            pem = ecdsa.ExportPkcs8PrivateKeyPem();
        }
        var key = SigningKey.FromPem(pem);
        Assert.Equal(algorithm, key.Algorithm);
        _keys.Add(key);
        return new ServiceAccountKeys(Issuer, key, []);
    }
}
