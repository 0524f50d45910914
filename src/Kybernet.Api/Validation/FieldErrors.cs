namespace Kybernet.Api.Validation;

/// <summary>Why a field's value is refused. The names are upstream's <c>reason</c> in <c>details.causes</c>.</summary>
public enum FieldErrorReason
{
    /// <summary>A value is missing.</summary>
    FieldValueRequired,

    /// <summary>The value is malformed or out of bounds.</summary>
    FieldValueInvalid,

    /// <summary>The value is none of those that are allowed.</summary>
    FieldValueNotSupported,

    /// <summary>The value may not be given here, or not changed.</summary>
    FieldValueForbidden,

    /// <summary>The value must be unique and is there already.</summary>
    FieldValueDuplicate,

    /// <summary>What the value refers to does not exist.</summary>
    FieldValueNotFound,

    /// <summary>The value is too long.</summary>
    FieldValueTooLong,

    /// <summary>There are too many values.</summary>
    FieldValueTooMany,

    /// <summary>The value is of the wrong type.</summary>
    FieldValueTypeInvalid,

    /// <summary>Something went wrong while the value was looked at.</summary>
    InternalError,
}

/// <summary>One cause of a refusal.</summary>
/// <param name="Reason">Its kind.</param>
/// <param name="Field">The field's path.</param>
/// <param name="Message">What is wrong, the value included, without the field's path: <c>Invalid value: "X": must ...</c>.</param>
public sealed record FieldError(FieldErrorReason Reason, string Field, string Message)
{
    /// <summary>As the message of a <c>Status</c> lists it.</summary>
    public override string ToString() => $"{Field}: {Message}";
}

/// <summary>Collects what is wrong with an object: all of it, not just the first.</summary>
public sealed class FieldErrors
{
    private readonly List<FieldError> _errors = [];
    private readonly List<string> _warnings = [];

    /// <summary>What was found, in the order of finding.</summary>
    public IReadOnlyList<FieldError> Items => _errors;

    /// <summary>What is let be, and yet told of.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Whether nothing was found.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>A value is missing.</summary>
    public void Required(FieldPath field, string detail = "") =>
        Add(FieldErrorReason.FieldValueRequired, field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    /// <summary>A value is malformed or out of bounds.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The value: a string is quoted, a number or boolean not, null is <c>null</c>.</param>
    /// <param name="detail">What it must be.</param>
    public void Invalid(FieldPath field, object? value, string detail) =>
        Add(FieldErrorReason.FieldValueInvalid, field, $"Invalid value: {Quote(value)}{(detail.Length == 0 ? "" : ": " + detail)}");

    /// <summary>A value is none of those that are allowed.</summary>
    public void NotSupported(FieldPath field, object? value, IEnumerable<string> allowed)
    {
        var values = string.Join(", ", allowed.Select(item => Quote(item)));
        Add(FieldErrorReason.FieldValueNotSupported, field, $"Unsupported value: {Quote(value)}{(values.Length == 0 ? "" : ": supported values: " + values)}");
    }

    /// <summary>A value may not be given here, or not changed.</summary>
    public void Forbidden(FieldPath field, string detail) => Add(FieldErrorReason.FieldValueForbidden, field, $"Forbidden: {detail}");

    /// <summary>A value must be unique and is there already.</summary>
    public void Duplicate(FieldPath field, object? value) => Add(FieldErrorReason.FieldValueDuplicate, field, $"Duplicate value: {Quote(value)}");

    /// <summary>What a value refers to does not exist.</summary>
    public void NotFound(FieldPath field, object? value) => Add(FieldErrorReason.FieldValueNotFound, field, $"Not found: {Quote(value)}");

    /// <summary>A value has more than the allowed number of bytes.</summary>
    public void TooLong(FieldPath field, int maxBytes) =>
        Add(FieldErrorReason.FieldValueTooLong, field, $"Too long: may not be more than {maxBytes} bytes");

    /// <summary>There are too many values.</summary>
    public void TooMany(FieldPath field, int actual, int max) =>
        Add(FieldErrorReason.FieldValueTooMany, field, $"Too many: {actual}: must have at most {max} item{(max == 1 ? "" : "s")}");

    /// <summary>Tells of something that is no cause for refusal.</summary>
    public void Warn(string message) => _warnings.Add(message);

    /// <summary>Adds a cause.</summary>
    public void Add(FieldErrorReason reason, FieldPath field, string message) => _errors.Add(new FieldError(reason, field.ToString(), message));

    private static string Quote(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => $"\"{System.Text.Json.JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"",
        int or long or double => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
        Quantity or IntOrString => value.ToString()!,
        Json.IModel model => Json.ModelJson.ToText(model),
        IEnumerable<string> texts => $"[{string.Join(",", texts.Select(text => Quote(text)))}]",
        IEnumerable<Json.IModel> models => $"[{string.Join(",", models.Select(model => Json.ModelJson.ToText(model)))}]",
        _ => $"\"{value}\"",
    };
}
