using System.Text.Json.Nodes;
using Kybernet.Api.Cel;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>Authenticates by the tokens of one issuer (OpenID Connect).</summary>
internal sealed partial class JwtAuthenticator(JwtSettings settings, IssuerKeys keys, TimeProvider time, ILogger<JwtAuthenticator> logger) : ITokenAuthenticator, IDisposable
{
    /// <summary>How far the issuer's clock may be ahead.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    public async ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (JsonWebToken.Parse(token) is not { } parsed || parsed.Issuer != settings.Issuer.Url)
        {
            return null;
        }
        try
        {
            await VerifyAsync(parsed, cancellationToken);
            return new TokenIdentity(UserOf(parsed.Claims), []);
        }
        catch (Exception exception) when (exception is JwtException or ExpressionException or WebhookException)
        {
            // Whoever brings the token learns nothing; whoever runs the server has to find out.
            LogRefused(settings.Issuer.Url, exception.Message);
            throw ApiError.Unauthorized();
        }
    }

    /// <inheritdoc />
    public void Dispose() => keys.Dispose();

    private async ValueTask VerifyAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!token.Audiences.Any(settings.Issuer.Audiences.Contains))
        {
            throw new JwtException($"expected audience in [{string.Join(' ', settings.Issuer.Audiences)}] got [{string.Join(' ', token.Audiences)}]");
        }
        if (token.Time("exp") is not { } expiry || expiry <= now)
        {
            throw new JwtException($"token is expired (Token Expiry: {token.Time("exp"):u})");
        }
        if (token.Time("nbf") is { } start && now + ClockSkew < start)
        {
            throw new JwtException($"current time {now:u} before the nbf (not before) time: {start:u}");
        }
        if (!settings.Issuer.Algorithms.Contains(token.Algorithm))
        {
            throw new JwtException($"id token signed with unsupported algorithm, expected [{string.Join(' ', settings.Issuer.Algorithms)}] got \"{token.Algorithm}\"");
        }
        if (!await keys.VerifyAsync(token, cancellationToken))
        {
            throw new JwtException("failed to verify id token signature");
        }
    }

    private UserInfo UserOf(JsonObject claims)
    {
        var budget = new CelBudget();
        var bindings = new CelBindings().Set(ClaimEnvironment.ClaimsVariable, claims);
        foreach (var rule in settings.ClaimRules)
        {
            Check(rule, claims, bindings, budget);
        }
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (claims["jti"] is { } id)
        {
            extra[CredentialExtra.CredentialId] = [$"JTI={JsonValues.Text(id)}"];
        }
        foreach (var (key, mapping) in settings.Extra)
        {
            if (Texts("extra", mapping, claims, bindings, budget).Where(static text => text.Length > 0).ToArray() is { Length: > 0 } values)
            {
                extra[key] = values;
            }
        }
        var user = new UserInfo(Username(claims, bindings, budget), settings.Groups is { } groups ? Texts("groups", groups, claims, bindings, budget) : [])
        {
            Uid = settings.Uid is { } uid ? One("uid", uid, claims, bindings, budget) : "",
            Extra = extra,
        };
        CheckUser(user, budget);
        return user;
    }

    private string Username(JsonObject claims, CelBindings bindings, CelBudget budget)
    {
        // An address that nobody has verified may be anybody's.
        if (settings.Username.Claim == "email" && claims["email_verified"] is { } verified && JsonValues.Bool(verified) != true)
        {
            throw new JwtException("email not verified");
        }
        var name = One("username", settings.Username, claims, bindings, budget);
        return name.Length > settings.Username.Prefix.Length ? name : throw new JwtException($"username: {Source(settings.Username)} is empty");
    }

    private static string One(string what, ClaimMapping mapping, JsonObject claims, CelBindings bindings, CelBudget budget) =>
        Texts(what, mapping, claims, bindings, budget) is [var text]
            ? text
            : throw new JwtException($"{what}: {Source(mapping)} is not a text");

    private static IReadOnlyList<string> Texts(string what, ClaimMapping mapping, JsonObject claims, CelBindings bindings, CelBudget budget) =>
        mapping.Resolve(claims, bindings, budget) ?? throw new JwtException($"{what}: {Source(mapping)} is neither a text nor a list of texts");

    private static string Source(ClaimMapping mapping) => mapping.Expression is { } expression ? $"expression '{expression.Text}'" : $"claim \"{mapping.Claim}\"";

    private static void Check(ClaimRule rule, JsonObject claims, CelBindings bindings, CelBudget budget)
    {
        if (rule.Rule is { } expression)
        {
            Check(expression, bindings, budget);
        }
        else if (JsonValues.String(claims[rule.Claim]) is var value && value != rule.RequiredValue)
        {
            throw new JwtException(value is null
                ? $"required claim {rule.Claim} not present in ID token"
                : $"required claim {rule.Claim} value does not match. Got = {value}, want = {rule.RequiredValue}");
        }
    }

    private void CheckUser(UserInfo user, CelBudget budget)
    {
        if (settings.UserRules.Count == 0)
        {
            return;
        }
        var bindings = new CelBindings().Set(ClaimEnvironment.UserVariable, CelJson.ToValue(AdmissionBindings.Describe(user), AdmissionEnvironment.UserType));
        foreach (var rule in settings.UserRules)
        {
            Check(rule, bindings, budget);
        }
    }

    private static void Check(ExpressionRule rule, CelBindings bindings, CelBudget budget)
    {
        if (rule.Expression.Evaluate(bindings, budget) is not CelBool { Value: true })
        {
            throw new JwtException(rule.Message.Length > 0 ? $"validation expression '{rule.Expression.Text}' failed: {rule.Message}" : $"validation expression '{rule.Expression.Text}' failed");
        }
    }

    [LoggerMessage(LogLevel.Warning, "A token of {Issuer} is refused: {Reason}")]
    private partial void LogRefused(string issuer, string reason);

    private sealed class JwtException(string message) : Exception(message);
}
