using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Tests.Authentication;

/// <summary>An issuer of OpenID Connect on HTTPS, which publishes its keys and signs what it is told to.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;
    private readonly List<(string Id, string Algorithm, AsymmetricAlgorithm Key)> _keys = [];

    private TokenIssuer(WebApplication application, X509Certificate2 certificate) => (_application, _certificate) = (application, certificate);

    public string Url => _application.Urls.First();

    public string Authority => _certificate.ExportCertificatePem();

    /// <summary>How often its keys were asked for.</summary>
    public int Fetches { get; private set; }

    public static async Task<TokenIssuer> StartAsync()
    {
        var certificate = ServerCertificate.For("issuer");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        var issuer = new TokenIssuer(application, certificate);
        application.Run(issuer.AnswerAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        issuer.NewKey("RS256");
        return issuer;
    }

    /// <summary>Signs with a new key from now on.</summary>
    public void NewKey(string algorithm) => _keys.Add(($"k{_keys.Count}", algorithm, algorithm switch
    {
        "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        "ES512" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        _ => RSA.Create(2048),
    }));

    /// <summary>A token for the client <c>kybernet</c>, good for an hour unless the claims say otherwise.</summary>
    public string Token(string claims, bool forged = false)
    {
        var (id, algorithm, key) = _keys[^1];
        var all = new JsonObject
        {
            ["iss"] = Url,
            ["aud"] = "kybernet",
            ["exp"] = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
        };
        foreach (var (name, value) in JsonNode.Parse(claims)!.AsObject())
        {
            all[name] = value?.DeepClone();
        }
        var signed = $"{Encode($$"""{"alg":"{{algorithm}}","kid":"{{id}}"}""")}.{Encode(all.ToJsonString())}";
        var signature = Sign(key, algorithm, Encoding.ASCII.GetBytes(signed));
        signature[^1] ^= (byte)(forged ? 1 : 0);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _keys.ForEach(static key => key.Key.Dispose());
    }

    private static byte[] Sign(AsymmetricAlgorithm key, string algorithm, byte[] data)
    {
        var hash = new HashAlgorithmName("SHA" + algorithm[2..]);
        return key is RSA rsa
            ? rsa.SignData(data, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
            : ((ECDsa)key).SignData(data, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/.well-known/openid-configuration":
                await context.Response.WriteAsync($$"""{"issuer":"{{Url}}","jwks_uri":"{{Url}}/keys"}""");
                break;
            case "/keys":
                Fetches++;
                await context.Response.WriteAsync(new JsonObject { ["keys"] = new JsonArray([.. _keys.Select(static key => Publish(key.Id, key.Key))]) }.ToJsonString());
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }

    private static JsonObject Publish(string id, AsymmetricAlgorithm key)
    {
        if (key is RSA rsa)
        {
            var numbers = rsa.ExportParameters(false);
            return new JsonObject { ["kty"] = "RSA", ["kid"] = id, ["use"] = "sig", ["n"] = Base64Url.EncodeToString(numbers.Modulus), ["e"] = Base64Url.EncodeToString(numbers.Exponent) };
        }
        var point = ((ECDsa)key).ExportParameters(false).Q;
        return new JsonObject { ["kty"] = "EC", ["kid"] = id, ["crv"] = $"P-{key.KeySize}", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }
}
