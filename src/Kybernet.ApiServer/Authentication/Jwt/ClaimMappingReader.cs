using System.Text.Json.Nodes;
using Kybernet.Api.Cel;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>Reads what tokens' claims mean and have to be.</summary>
internal sealed class ClaimMappingReader(FieldErrors errors)
{
    private const string Exclusive = "claim and expression can't both be set";
    private const string OneOf = "claim or expression is required";

    /// <summary>A claim, with a prefix that has to be said, or an expression.</summary>
    public ClaimMapping Prefixed(JsonObject mapping, FieldPath path)
    {
        ConfigurationFile.RequireKnown(mapping, path.ToString(), "claim", "prefix", "expression");
        var read = ClaimOrExpression(mapping, path);
        if (read.Claim.Length > 0 && mapping["prefix"] is null)
        {
            errors.Required(path.Child("prefix"), "prefix is required when claim is set. It can be set to an empty string to disable prefixing");
        }
        if (read.Expression is not null && mapping["prefix"] is not null)
        {
            errors.Invalid(path.Child("prefix"), mapping.Text("prefix"), "prefix can't be set when expression is set");
        }
        return read with { Prefix = mapping.Text("prefix") ?? "" };
    }

    /// <summary>A claim or an expression.</summary>
    public ClaimMapping Plain(JsonObject mapping, FieldPath path)
    {
        ConfigurationFile.RequireKnown(mapping, path.ToString(), "claim", "expression");
        return ClaimOrExpression(mapping, path);
    }

    /// <summary>Expressions by keys.</summary>
    public Dictionary<string, ClaimMapping> Extra(JsonObject mappings, FieldPath path)
    {
        var extra = new Dictionary<string, ClaimMapping>(StringComparer.Ordinal);
        foreach (var (mapping, index) in mappings.Objects("extra").Select(static (mapping, index) => (mapping, index)))
        {
            var at = path.Index(index);
            ConfigurationFile.RequireKnown(mapping, at.ToString(), "key", "valueExpression");
            var key = mapping.Text("key") ?? "";
            var slash = key.IndexOf('/', StringComparison.Ordinal);
            if (key.Length == 0)
            {
                errors.Required(at.Child("key"));
            }
            else if (slash <= 0 || slash == key.Length - 1 || Names.Dns1123Subdomain(key[..slash]).Count > 0)
            {
                errors.Invalid(at.Child("key"), key, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            }
            else if (key != key.ToLowerInvariant())
            {
                errors.Invalid(at.Child("key"), key, "key must be lowercase");
            }
            else if (!extra.TryAdd(key, new ClaimMapping("", "", Expression(mapping.Text("valueExpression"), at.Child("valueExpression"), ClaimEnvironment.Claims))))
            {
                errors.Duplicate(at.Child("key"), key);
            }
        }
        return extra;
    }

    /// <summary>What claims have to be.</summary>
    public ClaimRule[] ClaimRules(JsonObject jwt, FieldPath path)
    {
        var rules = new List<ClaimRule>();
        foreach (var (rule, index) in jwt.Objects("claimValidationRules").Select(static (rule, index) => (rule, index)))
        {
            var at = path.Index(index);
            ConfigurationFile.RequireKnown(rule, at.ToString(), "claim", "requiredValue", "expression", "message");
            var (claim, expression) = (rule.Text("claim") ?? "", rule.Text("expression") ?? "");
            if (claim.Length > 0 && expression.Length > 0)
            {
                errors.Invalid(at, claim, Exclusive);
            }
            else if (claim.Length == 0 && expression.Length == 0)
            {
                errors.Required(at, OneOf);
            }
            else if (claim.Length > 0 && rule.Text("message") is { Length: > 0 } message)
            {
                errors.Invalid(at.Child("message"), message, "message can't be set when claim is set");
            }
            else if (expression.Length > 0 && rule.Text("requiredValue") is { Length: > 0 } value)
            {
                errors.Invalid(at.Child("requiredValue"), value, "requiredValue can't be set when expression is set");
            }
            else
            {
                rules.Add(new ClaimRule(claim, rule.Text("requiredValue") ?? "", expression.Length == 0 ? null : Rule(rule, at, ClaimEnvironment.Claims)));
            }
        }
        return [.. rules];
    }

    /// <summary>What users have to be.</summary>
    public ExpressionRule[] UserRules(JsonObject jwt, FieldPath path) =>
    [
        .. jwt.Objects("userValidationRules").Select((rule, index) =>
        {
            ConfigurationFile.RequireKnown(rule, path.Index(index).ToString(), "expression", "message");
            return Rule(rule, path.Index(index), ClaimEnvironment.User);
        }),
    ];

    private ExpressionRule Rule(JsonObject rule, FieldPath path, CelEnvironment environment) =>
        new(Expression(rule.Text("expression"), path.Child("expression"), environment, CelType.Bool), rule.Text("message") ?? "");

    private ClaimMapping ClaimOrExpression(JsonObject mapping, FieldPath path)
    {
        var (claim, expression) = (mapping.Text("claim") ?? "", mapping.Text("expression") ?? "");
        if (claim.Length > 0 && expression.Length > 0)
        {
            errors.Invalid(path, claim, Exclusive);
        }
        else if (claim.Length == 0 && expression.Length == 0)
        {
            errors.Required(path, OneOf);
        }
        return new ClaimMapping(claim, "", expression.Length == 0 ? null : Expression(expression, path.Child("expression"), ClaimEnvironment.Claims));
    }

    private CompiledExpression Expression(string? text, FieldPath path, CelEnvironment environment, params CelType[] wanted)
    {
        var expression = new CompiledExpression(environment, text ?? "", wanted);
        if (string.IsNullOrEmpty(text))
        {
            errors.Required(path, "expression is required");
        }
        else if (expression.Problem is { } problem)
        {
            errors.Invalid(path, text, problem);
        }
        return expression;
    }
}
