using Kybernet.ApiServer.Admission.Expressions;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>What an AuthenticationConfiguration says.</summary>
/// <param name="Jwt">The issuers whose tokens are believed.</param>
/// <param name="Anonymous">Who needs no credentials; null where it does not say.</param>
internal sealed record AuthenticationConfiguration(IReadOnlyList<JwtSettings> Jwt, AnonymousAccess? Anonymous);

/// <summary>Which requests need no credentials.</summary>
/// <param name="Enabled">Whether any.</param>
/// <param name="Paths">Those of these paths only; empty for all.</param>
internal sealed record AnonymousAccess(bool Enabled, IReadOnlyList<string> Paths)
{
    /// <summary>Whether a request for this path needs none.</summary>
    public bool Allows(string path) => Enabled && (Paths.Count == 0 || Paths.Contains(path));
}

/// <summary>How tokens of one issuer are judged.</summary>
internal sealed record JwtSettings(JwtIssuer Issuer)
{
    /// <summary>What claims have to be.</summary>
    public IReadOnlyList<ClaimRule> ClaimRules { get; init; } = [];

    /// <summary>The user's name.</summary>
    public required ClaimMapping Username { get; init; }

    /// <summary>The user's groups; null for none.</summary>
    public ClaimMapping? Groups { get; init; }

    /// <summary>The user's uid; null for none.</summary>
    public ClaimMapping? Uid { get; init; }

    /// <summary>What else is known of the user, by its keys.</summary>
    public IReadOnlyDictionary<string, ClaimMapping> Extra { get; init; } = new Dictionary<string, ClaimMapping>();

    /// <summary>What the user has to be.</summary>
    public IReadOnlyList<ExpressionRule> UserRules { get; init; } = [];
}

/// <summary>Who issues tokens.</summary>
/// <param name="Url">Who tokens say issued them.</param>
/// <param name="Discovery">Where the issuer tells where its keys are.</param>
/// <param name="CertificateAuthority">Who signed its certificate, PEM; empty for those whom the machine trusts.</param>
/// <param name="Audiences">Tokens have to be for one of these.</param>
/// <param name="Algorithms">What tokens may be signed with.</param>
internal sealed record JwtIssuer(
    string Url, Uri Discovery, ReadOnlyMemory<byte> CertificateAuthority, IReadOnlyList<string> Audiences, IReadOnlyList<string> Algorithms);

/// <summary>An expression that has to hold.</summary>
/// <param name="Expression">The expression.</param>
/// <param name="Message">Why a token is refused for which it does not hold.</param>
internal sealed record ExpressionRule(CompiledExpression Expression, string Message);

/// <summary>What a claim, or by an expression all claims, have to be.</summary>
/// <param name="Claim">The claim; empty for an expression.</param>
/// <param name="RequiredValue">Its value.</param>
/// <param name="Rule">The expression; null for a claim.</param>
internal sealed record ClaimRule(string Claim, string RequiredValue, ExpressionRule? Rule);
