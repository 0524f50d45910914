using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>Reads AuthenticationConfigurations as upstream writes them.</summary>
/// <param name="ownIssuer">Who issues the cluster's own tokens: nobody else may say to be that.</param>
internal sealed class AuthenticationConfigurationReader(string ownIssuer)
{
    private const string Group = "apiserver.config.k8s.io";

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="ConfigurationException">It is none, or says what makes no sense.</exception>
    public AuthenticationConfiguration Read(JsonObject file, IReadOnlyList<string>? algorithms = null)
    {
        ConfigurationFile.RequireKind(file, Group, ["v1", "v1beta1", "v1alpha1"], "AuthenticationConfiguration");
        ConfigurationFile.RequireKnown(file, "", "apiVersion", "kind", "jwt", "anonymous");
        var errors = new FieldErrors();
        var path = FieldPath.Of("jwt");
        JwtSettings[] issuers = [.. file.Objects("jwt").Select((jwt, index) => Jwt(jwt, path.Index(index), algorithms ?? JsonWebKey.Algorithms, errors))];
        foreach (var twice in issuers.GroupBy(static jwt => jwt.Issuer.Url).Where(static same => same.Count() > 1))
        {
            errors.Duplicate(path.Index(Array.IndexOf(issuers, twice.Last())).Child("issuer").Child("url"), twice.Key);
        }
        var anonymous = Anonymous(file, errors);
        return errors.IsEmpty ? new AuthenticationConfiguration(issuers, anonymous) : throw new ConfigurationException(string.Join(", ", errors.Items));
    }

    private JwtSettings Jwt(JsonObject jwt, FieldPath path, IReadOnlyList<string> algorithms, FieldErrors errors)
    {
        ConfigurationFile.RequireKnown(jwt, path.ToString(), "issuer", "claimValidationRules", "claimMappings", "userValidationRules");
        var mappings = jwt.Object("claimMappings") ?? [];
        var at = path.Child("claimMappings");
        ConfigurationFile.RequireKnown(mappings, at.ToString(), "username", "groups", "uid", "extra");
        var reader = new ClaimMappingReader(errors);
        return new JwtSettings(new JwtIssuerReader(ownIssuer, errors).Read(jwt.Object("issuer") ?? [], path.Child("issuer"), algorithms))
        {
            ClaimRules = reader.ClaimRules(jwt, path.Child("claimValidationRules")),
            Username = reader.Prefixed(mappings.Object("username") ?? [], at.Child("username")),
            Groups = mappings.Object("groups") is { Count: > 0 } groups ? reader.Prefixed(groups, at.Child("groups")) : null,
            Uid = mappings.Object("uid") is { Count: > 0 } uid ? reader.Plain(uid, at.Child("uid")) : null,
            Extra = reader.Extra(mappings, at.Child("extra")),
            UserRules = reader.UserRules(jwt, path.Child("userValidationRules")),
        };
    }

    private static AnonymousAccess? Anonymous(JsonObject file, FieldErrors errors)
    {
        if (file.Object("anonymous") is not { } anonymous)
        {
            return null;
        }
        var path = FieldPath.Of("anonymous");
        ConfigurationFile.RequireKnown(anonymous, path.ToString(), "enabled", "conditions");
        var enabled = JsonValues.Bool(anonymous["enabled"]) ?? false;
        string[] paths = [.. anonymous.Objects("conditions").Select(static condition => condition.Text("path") ?? "")];
        if (!enabled && paths.Length > 0)
        {
            errors.Invalid(path.Child("conditions"), paths[0], "enabled should be set to true when conditions are defined");
        }
        return new AnonymousAccess(enabled, paths);
    }
}
