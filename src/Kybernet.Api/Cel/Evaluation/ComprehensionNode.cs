namespace Kybernet.Api.Cel;

/// <summary>What a macro does with each item of a list or entry of a map.</summary>
/// <param name="kind">What it does.</param>
/// <param name="range">The list or map.</param>
/// <param name="slot">Where the first variable is kept.</param>
/// <param name="second">Where the second is; -1 where there is none.</param>
/// <param name="condition">Whether an item counts; null for any.</param>
/// <param name="transform">What an item becomes; null where the answer is a boolean.</param>
internal sealed class ComprehensionNode(ComprehensionKind kind, Node range, int slot, int second, Node? condition, Node? transform) : Node
{
    // What upstream's loop over an accumulator costs: making the list, looking at it each time, adding to it, and looking at it in the end.
    public const int ListCost = 10;
    public const int MapCost = 30;

    public ComprehensionKind Kind => kind;

    public Node Range => range;

    public Node? Condition => condition;

    public Node? Transform => transform;

    public int Slot => slot;

    public int SecondSlot => second;

    /// <summary>What looking at one item costs, beside its condition and what it becomes.</summary>
    public static int StepCost(ComprehensionKind kind) => kind switch
    {
        ComprehensionKind.All => 3,
        ComprehensionKind.Exists => 4,
        _ => 1,
    };

    public override CelValue Evaluate(Frame frame)
    {
        var items = range.Evaluate(frame);
        if (items is CelError)
        {
            return items;
        }
        var loop = kind switch
        {
            ComprehensionKind.All => new Quantifier(this, decisive: false),
            ComprehensionKind.Exists => new Quantifier(this, decisive: true),
            ComprehensionKind.ExistsOne => new Counter(this),
            ComprehensionKind.Map => new ListMaker(this),
            _ => (Loop)new MapMaker(this),
        };
        switch (items)
        {
            case CelList list:
                for (var i = 0; i < list.Count; i++)
                {
                    Enter(frame, second < 0 ? list[i] : new CelInt(i), second < 0 ? null : list[i]);
                    if (!loop.Step(frame))
                    {
                        break;
                    }
                }
                break;
            case CelMap map:
                foreach (var key in map.Keys)
                {
                    Enter(frame, key, second < 0 ? null : map.Find(key));
                    if (!loop.Step(frame))
                    {
                        break;
                    }
                }
                break;
            default:
                return new CelError($"got '{items.Type}', expected iterable type");
        }
        frame.Spend(1);
        return Frame.Made(loop.Result);
    }

    private void Enter(Frame frame, CelValue first, CelValue? other)
    {
        frame.Locals[slot] = first;
        if (second >= 0)
        {
            frame.Locals[second] = other!;
        }
    }

    /// <summary>Whether the item counts; an error where that has no value.</summary>
    private CelValue Counts(Frame frame) => condition is null ? CelBool.True : condition.Evaluate(frame) switch
    {
        CelBool flag => flag,
        CelError error => error,
        _ => CelError.NoSuchOverload,
    };

    private abstract class Loop
    {
        public abstract CelValue Result { get; }

        /// <summary>Looks at an item; false where no further one can change the result.</summary>
        public abstract bool Step(Frame frame);
    }

    /// <summary>An item that decides does so whatever errors there were before it.</summary>
    private sealed class Quantifier(ComprehensionNode node, bool decisive) : Loop
    {
        private CelValue _result = CelBool.Of(!decisive);

        public override CelValue Result => _result;

        public override bool Step(Frame frame)
        {
            frame.Spend(StepCost(node.Kind));
            switch (node.Counts(frame))
            {
                case CelBool flag when flag.Value == decisive:
                    _result = flag;
                    return false;
                case CelError error when _result is not CelError:
                    _result = error;
                    break;
            }
            return true;
        }
    }

    private sealed class Counter(ComprehensionNode node) : Loop
    {
        private int _count;
        private CelError? _error;

        public override CelValue Result => _error ?? (CelValue)CelBool.Of(_count == 1);

        public override bool Step(Frame frame)
        {
            frame.Spend(1);
            var counts = node.Counts(frame);
            _error = counts as CelError;
            _count += counts == CelBool.True ? 1 : 0;
            return _error is null;
        }
    }

    private sealed class ListMaker(ComprehensionNode node) : Loop
    {
        private readonly List<CelValue> _items = [];
        private CelError? _error;

        public override CelValue Result => _error ?? (CelValue)CelList.Of(_items);

        public override bool Step(Frame frame)
        {
            frame.Spend(1);
            var counts = node.Counts(frame);
            if (counts == CelBool.True)
            {
                frame.Spend(ListCost + 1);
                var item = node.Transform!.Evaluate(frame);
                _error = item as CelError;
                _items.Add(item);
            }
            else
            {
                _error = counts as CelError;
            }
            return _error is null;
        }
    }

    private sealed class MapMaker(ComprehensionNode node) : Loop
    {
        private readonly CelEntries _entries = new();
        private CelError? _error;

        public override CelValue Result => _error ?? (CelValue)_entries;

        public override bool Step(Frame frame)
        {
            frame.Spend(1);
            var counts = node.Counts(frame);
            _error = counts == CelBool.True ? Add(frame) : counts as CelError;
            return _error is null;
        }

        private CelError? Add(Frame frame)
        {
            frame.Spend(MapCost + 1);
            var key = frame.Locals[node.Slot];
            var made = node.Transform!.Evaluate(frame);
            switch (made)
            {
                case CelError error:
                    return error;
                case var _ when node.Kind == ComprehensionKind.TransformMap:
                    _entries.TryAdd(key, made);
                    return null;
                case CelMap entries:
                    foreach (var entry in entries.Keys)
                    {
                        if (!_entries.TryAdd(entry, entries.Find(entry)!))
                        {
                            return new CelError($"insert failed: key '{entry}' already exists");
                        }
                    }
                    return null;
                default:
                    return CelError.NoSuchOverload;
            }
        }
    }
}
