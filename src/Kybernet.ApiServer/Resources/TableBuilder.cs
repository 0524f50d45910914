using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Times;

namespace Kybernet.ApiServer.Resources;

/// <summary>The beginnings of tables.</summary>
internal static class TableBuilder
{
    /// <summary>A table whose rows are objects of a kind.</summary>
    public static TableBuilder<T> For<T>()
        where T : class, IKubernetesObject<T> => new(static item => item.As<T>(), static item => item.Metadata);
}

/// <summary>Puts a kind's table together: a column's heading stands beside what the column shows.</summary>
/// <param name="read">What a row is made from; read once a row.</param>
/// <param name="metadata">The metadata of what was read.</param>
internal sealed class TableBuilder<T>(Func<EncodedObject, T> read, Func<T, ObjectMeta> metadata)
{
    private readonly List<TableColumn> _columns = [];
    private readonly List<Func<T, DateTimeOffset, object?>> _cells = [];

    /// <summary>The object's name.</summary>
    /// <param name="shown">What is shown in place of the bare name.</param>
    /// <param name="wide">Whether only wide tables show it.</param>
    public TableBuilder<T> Name(Func<T, string?>? shown = null, bool wide = false)
    {
        shown ??= item => metadata(item).Name;
        return Add(new("Name", "string", "name", "Name must be unique within a namespace.", Priority(wide)), (item, _) => shown(item));
    }

    /// <summary>How long ago the object was made.</summary>
    public TableBuilder<T> Age() => Elapsed("Age", "Time since the object was created.", item => metadata(item).CreationTimestamp);

    /// <summary>When the object was made, where that is shown in place of its age.</summary>
    public TableBuilder<T> CreatedAt() => Add(
        new("Created At", "date", "", "When the object was created.", 0),
        (item, _) => metadata(item).CreationTimestamp is { } time ? Rfc3339.Format(time) : null);

    /// <summary>A column of text.</summary>
    public TableBuilder<T> Text(string name, string description, Func<T, string?> cell, bool wide = false) =>
        Add(new(name, "string", "", description, Priority(wide)), (item, _) => cell(item));

    /// <summary>A column of text that depends on the time.</summary>
    public TableBuilder<T> Text(string name, string description, Func<T, DateTimeOffset, string?> cell) =>
        Add(new(name, "string", "", description, 0), cell);

    /// <summary>A column of whole numbers.</summary>
    public TableBuilder<T> Number(string name, string description, Func<T, long> cell) =>
        Add(new(name, "integer", "", description, 0), (item, _) => cell(item));

    /// <summary>A column of numbers that upstream declares to be text.</summary>
    public TableBuilder<T> Count(string name, string description, Func<T, long> cell) =>
        Add(new(name, "string", "", description, 0), (item, _) => cell(item));

    /// <summary>A column of truth values.</summary>
    public TableBuilder<T> Flag(string name, string description, Func<T, bool> cell) =>
        Add(new(name, "boolean", "", description, 0), (item, _) => cell(item));

    /// <summary>A column of times that have passed since an instant.</summary>
    /// <param name="name">The heading.</param>
    /// <param name="description">What the column shows.</param>
    /// <param name="instant">Since when.</param>
    /// <param name="wide">Whether only wide tables show it.</param>
    /// <param name="never">What is shown where there is no instant.</param>
    public TableBuilder<T> Elapsed(
        string name, string description, Func<T, DateTimeOffset?> instant, bool wide = false, string never = "<unknown>") => Add(
        new(name, "string", "", description, Priority(wide)),
        (item, now) => instant(item) is { } time ? HumanDuration.Format(now - time) : never);

    /// <summary>The containers of a template, and their images.</summary>
    public TableBuilder<T> Containers(Func<T, PodTemplateSpec?> template, bool wide = true) => this
        .Text("Containers", "Names of each container in the template.", item => Join(template(item), container => container.Name), wide)
        .Text("Images", "Images referenced by each container in the template.", item => Join(template(item), container => container.Image), wide);

    /// <summary>The labels that a workload finds its pods by.</summary>
    public TableBuilder<T> Selector(Func<T, string> selector) => Text("Selector", "The labels of the pods.", selector, wide: true);

    /// <summary>The table; the builder is done with.</summary>
    public TableDefinition Build()
    {
        var cells = _cells.ToArray();
        return new TableDefinition(_columns, (encoded, now) =>
        {
            var item = read(encoded);
            var row = new object?[cells.Length];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = cells[i](item, now);
            }
            return row;
        });
    }

    private TableBuilder<T> Add(TableColumn column, Func<T, DateTimeOffset, object?> cell)
    {
        _columns.Add(column);
        _cells.Add(cell);
        return this;
    }

    private static int Priority(bool wide) => wide ? 1 : 0;

    private static string Join(PodTemplateSpec? template, Func<Container, string?> text) =>
        template is null ? "" : string.Join(",", template.Spec.Containers.Select(text));
}
