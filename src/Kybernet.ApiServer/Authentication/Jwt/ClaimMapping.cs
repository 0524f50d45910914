using System.Text.Json.Nodes;
using Kybernet.Api.Cel;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Admission.Expressions;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>Where a part of the user comes from: a claim with a prefix, or an expression.</summary>
/// <param name="Claim">The claim; empty for an expression.</param>
/// <param name="Prefix">What is put before its value.</param>
/// <param name="Expression">The expression; null for a claim.</param>
internal sealed record ClaimMapping(string Claim, string Prefix, CompiledExpression? Expression)
{
    /// <summary>What it comes to, texts as a list; null where it comes to something else than texts.</summary>
    /// <exception cref="ExpressionException">The expression has no value.</exception>
    public IReadOnlyList<string>? Resolve(JsonObject claims, CelBindings bindings, CelBudget budget)
    {
        JsonNode? value;
        try
        {
            value = Expression is null ? claims[Claim] : CelJson.ToNode(Expression.Evaluate(bindings, budget));
        }
        catch (CelException exception)
        {
            throw new ExpressionException(exception.Message, exception);
        }
        return value switch
        {
            null => [],
            JsonArray list when list.All(static item => JsonValues.String(item) is not null) => [.. list.Select(item => Prefix + JsonValues.Text(item))],
            JsonValue when JsonValues.String(value) is { } text => [Prefix + text],
            _ => null,
        };
    }
}
