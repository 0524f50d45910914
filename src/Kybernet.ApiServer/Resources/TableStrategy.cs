using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources;

/// <summary>A kind that differs from others by its table and a few facts only; its form is what the schema says.</summary>
internal sealed class TableStrategy(TableDefinition table) : DefaultStrategy
{
    /// <summary>Whether a spec change counts up the generation.</summary>
    public bool CountsGenerations { get; init; } = true;

    /// <summary>Whether a deletion answers with the object.</summary>
    public bool AnswersDeletionWithObject { get; init; }

    /// <summary>The form of names; DNS subdomains unless set.</summary>
    public Func<string, IReadOnlyList<string>> NameForm { get; init; } = NameRules.Subdomain;

    /// <summary>The defaults that depend on other fields.</summary>
    public Action<JsonObject>? Defaults { get; init; }

    /// <summary>What is wrong with an object, new or changed.</summary>
    public Action<EncodedObject, FieldErrors>? Validation { get; init; }

    /// <summary>What is wrong with a change.</summary>
    public Action<EncodedObject, EncodedObject, FieldErrors>? UpdateValidation { get; init; }

    /// <summary>What is wrong with a change of the status.</summary>
    public Action<EncodedObject, FieldErrors>? StatusValidation { get; init; }

    /// <summary>What a client should be told though the write is accepted.</summary>
    public Func<EncodedObject, IEnumerable<string>>? Advice { get; init; }

    /// <inheritdoc/>
    public override TableDefinition Table => table;

    /// <inheritdoc/>
    public override bool HasGeneration => CountsGenerations;

    /// <inheritdoc/>
    public override bool ReturnsDeletedObject => AnswersDeletionWithObject;

    /// <inheritdoc/>
    public override string? ValidateName(string name) => First(NameForm(name));

    /// <inheritdoc/>
    public override void Default(JsonObject item) => Defaults?.Invoke(item);

    /// <inheritdoc/>
    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => Validation?.Invoke(item, errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        Validation?.Invoke(item, errors);
        UpdateValidation?.Invoke(item, previous, errors);
    }

    /// <inheritdoc/>
    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => StatusValidation?.Invoke(item, errors);

    /// <inheritdoc/>
    public override IEnumerable<string> Warnings(EncodedObject item) => Advice?.Invoke(item) ?? [];
}
