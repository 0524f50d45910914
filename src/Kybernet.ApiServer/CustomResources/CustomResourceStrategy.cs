using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Schema.Structural;
using Kybernet.Api.Selectors;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>What is particular to a custom resource: all that its definition says.</summary>
internal sealed class CustomResourceStrategy : DefaultStrategy
{
    private readonly CustomVersion _version;
    private readonly Lazy<TableDefinition> _table;
    private readonly Dictionary<string, JsonPath> _selectable;

    public CustomResourceStrategy(CustomVersion version)
    {
        _version = version;
        _table = new(() => CustomResourceTable.Build(version.Version.AdditionalPrinterColumns));
        _selectable = version.Version.SelectableFields.ToDictionary(
            static field => field.JsonPath.TrimStart('.'), static field => JsonPath.Parse(field.JsonPath), StringComparer.Ordinal);
        SelectableFields = [.. _selectable.Keys];
        Scale = version.Version.Subresources?.Scale is { } scale
            ? new ScalePaths(JsonPath.Names(scale.SpecReplicasPath)!, JsonPath.Names(scale.StatusReplicasPath)!, scale.LabelSelectorPath is { Length: > 0 } path ? JsonPath.Names(path) : null)
            : null;
    }

    /// <inheritdoc/>
    public override bool DefaultsUseMetadata => false;

    /// <inheritdoc/>
    public override bool HasStatusFromStart => false;

    /// <inheritdoc/>
    public override bool AllowsStrategicMerge => false;

    /// <inheritdoc/>
    public override bool SpecIncludesStatus => _version.Version.Subresources?.Status is null;

    /// <inheritdoc/>
    public override TableDefinition Table => _table.Value;

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields { get; }

    /// <inheritdoc/>
    public override ScalePaths? Scale { get; }

    /// <inheritdoc/>
    public override string? SelectableField(EncodedObject item, string field) =>
        _selectable.TryGetValue(field, out var path) && path.Find(Tree(item)) is [var value, ..] ? JsonValues.Text(value) : null;

    /// <inheritdoc/>
    public override IEnumerable<string> Warnings(EncodedObject item) => _version.Version.Deprecated == true
        ? [_version.Version.DeprecationWarning ?? $"{_version.Info.Kind.GroupVersion} {_version.Info.Kind.Kind} is deprecated"]
        : [];

    /// <inheritdoc/>
    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => Validate(item, null, errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => Validate(item, previous, errors);

    /// <inheritdoc/>
    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => Validate(item, previous, errors);

    /// <inheritdoc/>
    public override void ValidateSubresourceUpdate(string subresource, EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        Validate(item, previous, errors);

    private void Validate(EncodedObject item, EncodedObject? previous, FieldErrors errors)
    {
        if (_version.Schema is not { } schema)
        {
            return;
        }
        var (tree, before) = (Tree(item), previous is null ? null : Tree(previous));
        var known = errors.Items.Count;
        StructuralValidator.Validate(schema, tree, before, errors);
        if (_version.Rules is not { } rules)
        {
            return;
        }
        // Rules are written for objects that are otherwise as the schema says.
        if (errors.Items.Skip(known).Any(static error => error.Reason is not (FieldErrorReason.FieldValueInvalid or FieldErrorReason.FieldValueDuplicate)))
        {
            errors.Invalid(
                FieldPath.Of("<nil>"), null, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");
            return;
        }
        rules.Validate(tree, before, errors);
    }

    private static JsonObject Tree(EncodedObject item) => ModelJson.ParseTree(item.Json.Span)!.AsObject();
}
