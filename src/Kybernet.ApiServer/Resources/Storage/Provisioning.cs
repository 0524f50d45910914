using System.Text;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>What StorageClasses and VolumeAttributesClasses share: a driver, and parameters that only the driver understands.</summary>
internal static class Provisioning
{
    private const int MaxParameters = 512;
    private const int MaxParameterBytes = 256 * 1024;

    private static readonly FieldPath ParametersPath = FieldPath.Of("parameters");

    /// <summary>A driver's name: qualified, in either case.</summary>
    public static void Driver(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }
        var lower = name.ToLowerInvariant();
        errors.Invalid(path, lower, LabelRules.QualifiedName(lower));
    }

    /// <summary>The parameters: not too many, not too large.</summary>
    public static void Parameters(IReadOnlyDictionary<string, string> parameters, bool required, FieldErrors errors)
    {
        if (parameters.Count > MaxParameters)
        {
            errors.TooLong(ParametersPath, MaxParameters);
            return;
        }
        if (parameters.ContainsKey(""))
        {
            errors.Invalid(ParametersPath, "", "field can not be empty.");
        }
        if (parameters.Sum(pair => (long)Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value)) > MaxParameterBytes)
        {
            errors.TooLong(ParametersPath, MaxParameterBytes);
        }
        if (required && parameters.Count == 0)
        {
            errors.Required(ParametersPath, "must contain at least one key/value pair");
        }
    }

    /// <summary>The parameters stay.</summary>
    public static void SameParameters(IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> previous, FieldErrors errors)
    {
        if (parameters.Count != previous.Count || parameters.Except(previous).Any())
        {
            errors.Forbidden(ParametersPath, "updates to parameters are forbidden.");
        }
    }

    /// <summary>A text stays.</summary>
    public static void Same(string? value, string? previous, string field, FieldErrors errors)
    {
        if (value != previous)
        {
            errors.Forbidden(FieldPath.Of(field), $"updates to {field} are forbidden.");
        }
    }
}
