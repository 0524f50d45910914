using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Rest;

/// <summary>What to do about fields that a type does not have, or that are given twice.</summary>
internal enum FieldValidation
{
    /// <summary>Drop them.</summary>
    Ignore,

    /// <summary>Drop them and tell the client.</summary>
    Warn,

    /// <summary>Refuse the request.</summary>
    Strict,
}

/// <summary>The query of a write, read and checked.</summary>
/// <param name="DryRun">Whether nothing is stored.</param>
/// <param name="FieldValidation">What to do about unknown fields.</param>
internal readonly record struct WriteOptions(bool DryRun, FieldValidation FieldValidation)
{
    /// <summary>Reads a query.</summary>
    /// <exception cref="ApiError">A parameter has a value that it may not have.</exception>
    public static WriteOptions Parse(IQueryCollection query) => new(
        IsDryRun(query),
        query["fieldValidation"].ToString() switch
        {
            "" or "Warn" => FieldValidation.Warn,
            "Ignore" => FieldValidation.Ignore,
            "Strict" => FieldValidation.Strict,
            var other => throw ApiError.Of(
                422,
                "Invalid",
                $"CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
        });

    /// <summary>Whether an application may take others' fields.</summary>
    /// <exception cref="ApiError">The parameter has a value that it may not have.</exception>
    public static bool IsForced(IQueryCollection query) => query["force"].ToString() switch
    {
        "" or "false" or "0" => false,
        "true" or "1" => true,
        var other => throw ApiError.BadRequest($"strconv.ParseBool: parsing \"{other}\": invalid syntax"),
    };

    private static bool IsDryRun(IQueryCollection query)
    {
        foreach (var value in query["dryRun"])
        {
            if (value is not "All")
            {
                throw ApiError.Of(
                    422, "Invalid", $"CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: \"{value}\": supported values: \"All\"");
            }
        }
        return query["dryRun"].Count > 0;
    }
}
