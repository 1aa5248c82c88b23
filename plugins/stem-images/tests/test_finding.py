"""Columns found in maps and images, and what the finding is worth."""

import functools

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from structkit import DataError, Row, Table
from structkit.library import train
from structkit_stem_images import ColumnPeaks, UNet
from structkit_stem_images.examples import learnable
from structkit_stem_images.finding_sites import centroids, maxima, sites_in
from structkit_stem_images.pixel_classes import PixelClasses
from structkit_stem_images.site_scores import defects_f1, paired, score_sites, summed

learnt_rows = functools.cache(learnable)
PLACES = np.array([[10.3, 12.8], [30.6, 11.2], [20.0, 28.4]])  # down, across


def spots(width=2.0):
    down, across = np.indices((40, 40))
    image = np.zeros((40, 40))
    for row, column in PLACES:
        image += np.exp(-((down - row) ** 2 + (across - column) ** 2) / (2 * width**2))
    return image


def test_maxima_and_centroids_find_places_between_pixels():
    image = spots()
    rough = maxima(image, 6.0, 0.3)
    fine = centroids(image + 5.0, rough, 5.0)  # a level shifts nothing
    order = [int(np.argmin(np.linalg.norm(fine - place, axis=1))) for place in PLACES]
    assert np.abs(fine[order] - PLACES).max() < 0.05
    assert np.abs(rough[order] - PLACES).max() > 0.2


def test_of_two_maxima_that_are_too_near_the_higher_stays():
    image = np.zeros((20, 20))
    image[5, 5], image[5, 8], image[15, 15] = 1.0, 0.9, 0.5
    assert maxima(image, 4.0, 0.1).tolist() == [[5, 5], [15, 15]]
    assert len(maxima(image, 2.0, 0.1)) == 3 and len(maxima(np.zeros((9, 9)), 2.0, 0.1)) == 0


def test_sites_of_a_map_have_its_classes():
    maps = np.zeros((3, 40, 40))
    maps[1] = spots()
    maps[2, :, 25:] = maps[1, :, 25:]
    maps[1, :, 25:] = 0
    maps[0] = 1 - maps.sum(axis=0)
    sites, said = sites_in(np.clip(maps, 0, 1), 6.0, 0.4)
    assert len(sites) == 3
    for (across, _), probable in zip(sites, said, strict=True):
        assert probable[1:].argmax() == (across > 25) and probable.sum() == pytest.approx(1)


def test_pairs_are_the_nearest_and_each_is_used_once():
    true = np.array([[0.0, 0], [1, 0]])
    found = np.array([[0.1, 0], [0.2, 0], [5, 5]])
    first, second = paired(found, true, 0.9)
    assert dict(zip(first.tolist(), second.tolist(), strict=True)) in ({0: 0, 1: 1}, {1: 1, 0: 0})
    assert len(paired(found[:0], true, 1.0)[0]) == 0


def test_scores_of_sites_by_hand():
    true = np.array([[10, 10, 1], [20, 10, 2], [30, 10, 3], [40, 10, 1]], float)
    found = np.array([[10.5, 10, 1], [20, 10.5, 1], [30, 10, 3], [80, 80, 2]], float)
    counts = score_sites(found, true, sampling=0.2)
    told = summed(counts)
    assert (counts.paired, counts.seen, counts.there) == (3, 4, 4)
    assert told["sites_f1"] == pytest.approx(6 / 8)
    assert told["position_error"] == pytest.approx(np.sqrt((0.1**2 + 0.1**2) / 3))
    # of the defects: one substitution found of one; of the vacancy nothing, and one that is none
    assert defects_f1(counts) == pytest.approx(2 * 1 / (2 + 2))
    assert told["per_class"]["2"] == {"f1": 0.0, "n": 1}


def test_peaks_find_the_columns_of_a_clear_image():
    table = learnt_rows(6)
    model = ColumnPeaks()
    train(model, table)
    said = model.predict(table)
    target = PixelClasses("defects")
    truth = target.truth(table, None)
    columns = target.arrays(said, model, table, truth)
    scores = target.scores(target.facts(model, truth, table), _predictions(table, columns))
    assert scores["sites_f1"]["value"] > 0.9 and scores["position_error"] < 0.15
    assert scores["marked_f1"]["value"] == 0.0  # it knows of no defects
    assert scores["accuracy"]["value"] > scores["majority"]


def _predictions(table, columns):
    arrays = {}
    for name, column in columns.items():
        whole = [column[row] for row in range(len(table))]
        arrays[name] = whole if column.offsets is not None else np.stack(whole)
    return Table.of(list(table.rows), **arrays)


def test_a_target_that_is_not_there():
    table = learnt_rows(3)
    with pytest.raises(DataError, match="D005"):
        PixelClasses("species").truth(table, None)
    unknown = table.with_arrays(defects=np.full((3, 48, 48), -1, np.int8))
    target = PixelClasses("defects")
    with pytest.raises(DataError, match="D005"):
        target.check(target.truth(unknown, None), unknown)
    plain = table.with_arrays(defects=np.zeros((3, 48, 48), np.int8))
    with pytest.raises(DataError, match="D001"):
        target.check(target.truth(plain, None), plain)


def test_images_of_another_sampling_or_size_are_refused():
    table = learnt_rows(4)
    model = UNet(filters=2, halvings=1, epochs=1, batch_size=4)
    train(model, table)
    coarse = table.with_arrays(sampling=np.full((4, 1), 0.3))
    with pytest.raises(DataError, match="G020"):
        model.predict(coarse)
    small = Table.of(list(table.rows), image=np.ones((4, 1, 32, 32), np.float32),
                     sampling=np.full((4, 1), 0.25))  # fmt: skip
    with pytest.raises(DataError, match="G020"):
        model.predict(small)
    with pytest.raises(DataError, match="G021"):
        train(
            UNet(), Table.of([Row("a")], image=np.ones((1, 1, 32, 32)), target=np.ones((1, 32, 32)))
        )
    with pytest.raises(DataError, match="G020"):
        train(UNet(halvings=5, batch_size=4), table)


def test_gain_and_offset_of_a_detector_do_not_count():
    table = learnt_rows(4)
    model = UNet(filters=2, halvings=1, epochs=1, batch_size=4)
    train(model, table)
    other = table.with_arrays(image=table.stack("image") * np.float32(7) + np.float32(30))
    first, second = (np.stack(list(model.maps(one))) for one in (table, other))
    assert np.abs(first - second).max() < 1e-3
    assert gaussian_filter(first[0, 0], 1).shape == (48, 48)
