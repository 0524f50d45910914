using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Ownership;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>One entry of <c>metadata.managedFields</c>.</summary>
/// <param name="Manager">Who.</param>
/// <param name="Operation">How: <see cref="Apply"/> or <see cref="Update"/>.</param>
/// <param name="ApiVersion">The version in which the fields are named.</param>
/// <param name="Subresource">Through which part of the object; empty for the whole.</param>
internal sealed record ManagedEntry(string Manager, string Operation, string ApiVersion, string Subresource)
{
    /// <summary>The operation of those who say all that they want each time.</summary>
    public const string Apply = "Apply";

    /// <summary>The operation of everybody else.</summary>
    public const string Update = "Update";

    /// <summary>When the fields were last written, RFC 3339; empty where it is not known.</summary>
    public string Time { get; init; } = "";

    /// <summary>The fields.</summary>
    public FieldSet Fields { get; private init; } = FieldSet.Empty;

    /// <summary>The fields as they are written already; null where they have changed since.</summary>
    public JsonNode? Written { get; private init; }

    /// <summary>The entry with the fields that a tree says.</summary>
    /// <exception cref="FormatException">It says none.</exception>
    public ManagedEntry With(JsonNode written) => this with { Fields = FieldSet.Parse(ModelJson.ToUtf8(written)), Written = written };

    /// <summary>The entry with other fields.</summary>
    public ManagedEntry With(FieldSet fields) => ReferenceEquals(fields, Fields) ? this : this with { Fields = fields, Written = null };

    /// <summary>Whether both are of the same writer. An applier is the same whatever version it writes.</summary>
    public bool IsOf(ManagedEntry other) =>
        Manager == other.Manager && Operation == other.Operation && Subresource == other.Subresource && (Operation == Apply || ApiVersion == other.ApiVersion);

    /// <summary>As conflicts name it.</summary>
    public override string ToString()
    {
        var name = Subresource.Length == 0 ? $"\"{Manager}\"" : $"\"{Manager}\" with subresource \"{Subresource}\"";
        return Operation == Update ? $"{name} using {ApiVersion}" : name;
    }
}
