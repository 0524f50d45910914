using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>Reads who issues tokens.</summary>
internal sealed class JwtIssuerReader(string ownIssuer, FieldErrors errors)
{
    private const string WellKnown = "/.well-known/openid-configuration";
    private const string MatchAny = "MatchAny";

    public JwtIssuer Read(JsonObject issuer, FieldPath path, IReadOnlyList<string> algorithms)
    {
        ConfigurationFile.RequireKnown(issuer, path.ToString(), "url", "discoveryURL", "certificateAuthority", "audiences", "audienceMatchPolicy");
        var url = issuer.Text("url") ?? "";
        var discovery = issuer.Text("discoveryURL") ?? "";
        var address = Address(url, path.Child("url"));
        if (url == ownIssuer)
        {
            errors.Invalid(path.Child("url"), url, $"URL must not overlap with disallowed issuers: [{ownIssuer}]");
        }
        if (discovery.Length > 0)
        {
            address = Address(discovery, path.Child("discoveryURL"));
            if (discovery.TrimEnd('/') == url.TrimEnd('/'))
            {
                errors.Invalid(path.Child("discoveryURL"), discovery, "discoveryURL must be different from URL");
            }
        }
        else
        {
            address = new Uri(address.ToString().TrimEnd('/') + WellKnown);
        }
        return new JwtIssuer(url, address, Authority(issuer, path.Child("certificateAuthority")), Audiences(issuer, path), algorithms);
    }

    private Uri Address(string url, FieldPath path)
    {
        if (url.Length == 0)
        {
            errors.Required(path, "URL is required");
        }
        else if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            errors.Invalid(path, url, "must be a URL");
        }
        else if (address.Scheme != Uri.UriSchemeHttps)
        {
            errors.Invalid(path, url, "URL scheme must be https");
        }
        else if (address.UserInfo.Length > 0)
        {
            errors.Invalid(path, url, "URL must not contain a username or password");
        }
        else if (address.Query.Length > 0)
        {
            errors.Invalid(path, url, "URL must not contain a query");
        }
        else if (address.Fragment.Length > 0)
        {
            errors.Invalid(path, url, "URL must not contain a fragment");
        }
        else
        {
            return address;
        }
        return new Uri("https://invalid"); // goes no further: there are errors
    }

    private byte[] Authority(JsonObject issuer, FieldPath path)
    {
        var pem = issuer.Text("certificateAuthority") ?? "";
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(pem);
            if (pem.Length > 0 && authorities.Count == 0)
            {
                errors.Invalid(path, "<omitted>", "data does not contain any valid RSA or ECDSA certificates");
            }
        }
        catch (CryptographicException exception)
        {
            errors.Invalid(path, "<omitted>", exception.Message);
        }
        return Encoding.UTF8.GetBytes(pem);
    }

    private IReadOnlyList<string> Audiences(JsonObject issuer, FieldPath path)
    {
        var audiences = ConfigurationFile.Texts(issuer, "audiences");
        var policy = issuer.Text("audienceMatchPolicy") ?? "";
        var at = path.Child("audiences");
        if (audiences.Count == 0)
        {
            errors.Required(at, $"at least one {at} is required");
        }
        for (var i = 0; i < audiences.Count; i++)
        {
            if (audiences[i].Length == 0)
            {
                errors.Required(at.Index(i), "audience can't be empty");
            }
            else if (audiences.Take(i).Contains(audiences[i]))
            {
                errors.Duplicate(at.Index(i), audiences[i]);
            }
        }
        if (audiences.Count > 1 && policy != MatchAny)
        {
            errors.Invalid(path.Child("audienceMatchPolicy"), policy, $"audienceMatchPolicy must be {MatchAny} for multiple audiences");
        }
        else if (policy.Length > 0 && policy != MatchAny)
        {
            errors.Invalid(path.Child("audienceMatchPolicy"), policy, $"audienceMatchPolicy must be empty or {MatchAny} for single audience");
        }
        return audiences;
    }
}
