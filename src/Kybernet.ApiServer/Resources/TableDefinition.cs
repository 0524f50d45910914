using Kybernet.Api;

namespace Kybernet.ApiServer.Resources;

/// <summary>A column of a <c>Table</c> answer (<c>meta.k8s.io/v1</c>).</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">An OpenAPI type: string, integer, ...</param>
/// <param name="Format">An OpenAPI format: <c>name</c> marks the object's name; empty for none.</param>
/// <param name="Description">What the column shows.</param>
/// <param name="Priority">0 is always shown, 1 only where there is room (<c>-o wide</c>).</param>
public sealed record TableColumn(string Name, string Type, string Format, string Description, int Priority);

/// <summary>How a kind is printed.</summary>
/// <param name="Columns">The columns, left to right.</param>
/// <param name="Cells">The cells of one object, one a column: strings, longs, or null. Ages are given in upstream's short form at the given time.</param>
public sealed record TableDefinition(IReadOnlyList<TableColumn> Columns, Func<EncodedObject, DateTimeOffset, IReadOnlyList<object?>> Cells);
