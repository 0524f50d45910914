using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Hosting;

/// <summary>Those of kube-apiserver's flags that are about who somebody is.</summary>
internal static class AuthenticationFlags
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ApiServerFlag> All { get; } =
    [
        Flag("--token-auth-file", "FILE", "Believe these bearer tokens: lines of token,user,uid,\"group1,group2\".",
            static (authentication, value) => authentication with { Tokens = CredentialFile.Load(value, "token") }),
        Flag("--basic-auth-file", "FILE", "Believe these names and passwords: lines of password,user,uid,\"group1,group2\".",
            static (authentication, value) => authentication with { Passwords = CredentialFile.Load(value, "password") }),
        Flag("--anonymous-auth", "BOOL", "Whether requests may come without credentials [default: true].",
            static (authentication, value) => authentication with { Anonymous = ApiServerFlags.Bool(value) }),
        Flag("--authentication-config", "FILE", "Believe tokens as this AuthenticationConfiguration says; it may change while the server runs.",
            static (authentication, value) => authentication with { ConfigurationPath = value }),
        .. OidcFlags.All,
        new("--requestheader-client-ca-file", "FILE", "Who else than the cluster itself signs certificates of proxies that authenticate users.",
            static (options, value) => options with { FrontProxyAuthorities = [.. options.FrontProxyAuthorities, .. Authorities(value)] }),
        Proxy("--requestheader-allowed-names", "NAMES", "Whom such certificates may be for; empty for anybody [default: front-proxy-client].",
            static (proxy, names) => proxy with { AllowedNames = names }),
        Proxy("--requestheader-username-headers", "HEADERS", "The headers by which such proxies name users [default: X-Remote-User].",
            static (proxy, names) => proxy with { UsernameHeaders = names }),
        Proxy("--requestheader-uid-headers", "HEADERS", "The headers by which they tell users' uids.",
            static (proxy, names) => proxy with { UidHeaders = names }),
        Proxy("--requestheader-group-headers", "HEADERS", "The headers by which they name users' groups [default: X-Remote-Group].",
            static (proxy, names) => proxy with { GroupHeaders = names }),
        Proxy("--requestheader-extra-headers-prefix", "PREFIXES", "What the headers begin with by which they tell more of users [default: X-Remote-Extra-].",
            static (proxy, names) => proxy with { ExtraHeadersPrefixes = names }),
    ];

    private static ApiServerFlag Proxy(string name, string value, string description, Func<RequestHeaderOptions, string[], RequestHeaderOptions> apply) =>
        Flag(name, value, description, (authentication, text) => authentication with { RequestHeader = apply(authentication.RequestHeader, ApiServerFlags.List(text)) });

    private static ApiServerFlag Flag(string name, string value, string description, Func<AuthenticationOptions, string, AuthenticationOptions> apply) =>
        new(name, value, description, (options, text) => options with { Authentication = apply(options.Authentication, text) });

    private static X509Certificate2Collection Authorities(string path)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0 ? authorities : throw new ConfigurationException($"{path} holds no certificate");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException($"unable to read {path}: {exception.Message}", exception);
        }
    }
}
